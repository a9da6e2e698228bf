"""What the workspace operations answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from messaging.models import Workspace
from messaging.values.types import JSONObject


class WorkspaceRead(BaseModel):
    """A workspace."""

    id: str
    name: str
    slug: str
    meta_data: JSONObject = Field(description="Additional metadata")
    created_at: datetime
    updated_at: datetime


WORKSPACE_COLUMNS = tuple(WorkspaceRead.model_fields)


def workspace_read(row: Workspace) -> dict[str, Any]:
    """A WorkspaceRead from an instance; a row that is read with WORKSPACE_COLUMNS is one already."""
    return {name: getattr(row, name) for name in WORKSPACE_COLUMNS}
