"""What the workspace operations take."""

from pydantic import Field

from messaging.values.types import JSONObject
from messaging.wire.shapes import Body

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class WorkspaceCreate(Body):
    """A workspace to make."""

    examples = {"A workspace": {"name": "Support Europe"}}

    name: str = Field(min_length=1, max_length=255, description="Name for people")
    slug: str | None = Field(
        None, max_length=100, pattern=SLUG, description="Short unique name, made from the name if not given"
    )
    meta_data: JSONObject | None = Field(None, description="Additional metadata")


class WorkspaceUpdate(Body):
    """The fields to change. What is left out, or null, stays."""

    examples = {"Rename": {"name": "Support EMEA"}}

    name: str | None = Field(None, min_length=1, max_length=255, description="Name for people")
    slug: str | None = Field(None, max_length=100, pattern=SLUG, description="Short unique name")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")
