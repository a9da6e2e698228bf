"""What the API key operations answer."""

from datetime import datetime
from typing import Any

from pydantic import Field

from messaging.sql.rows import JSONRow
from messaging.values.choices import KeyStatus
from messaging.wire.shapes import Read

from .inputs import PermissionName


class ApiKeyRead(Read):
    """A key, without its secret."""

    id: str
    key: str = Field(description="The public part, by which people tell keys apart")
    label: str
    status: KeyStatus
    permissions: list[PermissionName]
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    workspace_id: str
    owner_id: str | None = None
    created_by: str | None = None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return tuple("public_prefix" if name == "key" else name for name in ApiKeyRead.model_fields)

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        shown = {"key": f"parley_{values['public_prefix']}"}
        return {name: shown.get(name) or values[name] for name in ApiKeyRead.model_fields}


class ApiKeyCreated(ApiKeyRead):
    """A new key, with the secret that is never shown again."""

    secret: str = Field(description="The whole key, to be sent with requests")
