"""What the API key operations answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from messaging.models import ApiKey


class ApiKeyRead(BaseModel):
    """A key, without its secret."""

    id: str
    key: str = Field(description="The public part, by which people tell keys apart")
    label: str
    status: str
    permissions: list[str]
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    workspace_id: str
    owner_id: str | None = None
    created_by: str | None = None
    created_at: datetime
    updated_at: datetime


class ApiKeyCreated(ApiKeyRead):
    """A new key, with the secret that is never shown again."""

    secret: str = Field(description="The whole key, to be sent with requests")


def api_key_read(api_key: ApiKey) -> dict[str, Any]:
    """An ApiKeyRead."""
    shown = {"key": f"parley_{api_key.public_prefix}"}
    return {name: shown.get(name) or getattr(api_key, name) for name in ApiKeyRead.model_fields}
