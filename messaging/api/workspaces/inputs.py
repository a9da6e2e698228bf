"""What the workspace operations take."""

from typing import Any

from pydantic import BaseModel, Field

from messaging.values.types import JSONObject

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class WorkspaceCreate(BaseModel):
    """A workspace to make."""

    name: str = Field(min_length=1, max_length=255, description="Name for people")
    slug: str | None = Field(
        None, max_length=100, pattern=SLUG, description="Short unique name, made from the name if not given"
    )
    meta_data: JSONObject | None = Field(None, description="Additional metadata")


class WorkspaceUpdate(BaseModel):
    """The fields to change. What is left out, or null, stays."""

    name: str | None = Field(None, min_length=1, max_length=255, description="Name for people")
    slug: str | None = Field(None, max_length=100, pattern=SLUG, description="Short unique name")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")

    def changes(self) -> dict[str, Any]:
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in given.items() if value is not None}
