"""What the operations on threads answer, under the vendor's component names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from messaging.models import Conversation
from messaging.values.types import JSONObject


class Thread(BaseModel):
    """A conversation between users and agents. A run that is active holds it locked."""

    id: str
    object: str = "thread"
    created_at: datetime
    status: Literal["available", "locked"] = "available"
    active_run_id: str | None = Field(None, description="The run that holds it")
    meta_data: JSONObject = Field(default_factory=dict)


class Deleted(BaseModel):
    """It is gone, and everything below it."""

    deleted: bool = True


THREAD_COLUMNS = ("id", "created_at", "active_run", "meta_data")


def thread_read(row: Mapping[str, Any] | Conversation) -> dict[str, Any]:
    """A Thread from a row as read for a list, or from an instance."""
    values = row if isinstance(row, Mapping) else {name: getattr(row, name) for name in THREAD_COLUMNS}
    return {
        "id": values["id"],
        "object": "thread",
        "created_at": values["created_at"],
        "status": "locked" if values["active_run"] else "available",
        "active_run_id": values["active_run"],
        "meta_data": values["meta_data"],
    }
