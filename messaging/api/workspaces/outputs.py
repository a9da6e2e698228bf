"""What the workspace operations answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from messaging.models import Workspace
from messaging.wire.shared import JSONObject


class WorkspaceRead(BaseModel):
    """A workspace."""

    id: str
    name: str
    slug: str
    meta_data: JSONObject = Field(description="Additional metadata")
    created_at: datetime
    updated_at: datetime


WORKSPACE_COLUMNS = tuple(WorkspaceRead.model_fields)


def workspace_read(row: Mapping[str, Any] | Workspace) -> dict[str, Any]:
    """A WorkspaceRead from a row as read for a page, or from an instance."""
    if isinstance(row, Workspace):
        return {name: getattr(row, name) for name in WORKSPACE_COLUMNS}
    return {name: row[name] for name in WORKSPACE_COLUMNS}
