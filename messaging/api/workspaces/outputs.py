"""What the workspace operations answer."""

from datetime import datetime

from pydantic import Field

from messaging.values.types import JSONObject
from messaging.wire.shapes import Read


class WorkspaceRead(Read):
    """A workspace."""

    id: str
    name: str
    slug: str
    meta_data: JSONObject = Field(description="Additional metadata")
    created_at: datetime
    updated_at: datetime
