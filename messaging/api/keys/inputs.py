"""What the API key operations take."""

from datetime import datetime
from typing import Annotated, Literal

from django.utils import timezone
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from messaging.values.types import Moment, Text255
from messaging.wire.shapes import Body

PermissionName = Literal["read", "write", "agent", "admin"]
Status = Literal["active", "inactive"]


def _empty(restrictions: list[str] | None) -> list[str] | None:
    """A restriction that we do not enforce must not be accepted as if we did."""
    if restrictions:
        raise PydanticCustomError("not_supported", "Parley cannot restrict a key like this; leave it empty")
    return restrictions


OF_RESTRICTIONS = (
    "Must be empty: a key sees its whole workspace from everywhere, and nothing restricts it further"
)


NOT_IN_FUTURE = ("datetime_future", "Input should be in the future")


def _later_than_now(moment: datetime) -> datetime:
    if moment <= timezone.now():
        raise PydanticCustomError(*NOT_IN_FUTURE)
    return moment


Future = Annotated[Moment, AfterValidator(_later_than_now)]
NotSupported = Annotated[list[str] | None, AfterValidator(_empty)]


class ApiKeyCreate(Body):
    """A key to make."""

    examples = {"A key that reads": {"label": "Dashboard", "permissions": ["read"]}}

    label: str = Field(min_length=1, max_length=255, description="Name for people")
    status: Status = Field("active", description="active or inactive; active if not given")
    permissions: list[PermissionName] = Field(
        ["read", "write"], description="What it may do; read and write if not given"
    )
    expires_at: Future | None = Field(
        None, description="When it stops working, in the future; at most when the asking key does"
    )
    owner_id: Text255 | None = Field(
        None, description="Whom its writes belong to, as the asking key's if not given"
    )
    workspace_ids: list[str] | None = Field(
        None, max_length=1_000, description="Further workspaces it may use"
    )
    ip_whitelist: NotSupported = Field(None, description=OF_RESTRICTIONS)
    collections: NotSupported = Field(None, description=OF_RESTRICTIONS)


class ApiKeyUpdate(Body):
    """The fields to change. What is left out stays; null clears only `expires_at`."""

    examples = {"Revoke": {"status": "inactive"}}
    clearable = frozenset({"expires_at"})

    label: str | None = Field(None, min_length=1, max_length=255, description="Name for people")
    status: Status | None = Field(None, description="inactive revokes the key at once")
    permissions: list[PermissionName] | None = Field(None, description="What it may do")
    expires_at: Moment | None = Field(
        None,
        description="When it stops working: in the future, or as it is; to stop it now, set status inactive",
    )
