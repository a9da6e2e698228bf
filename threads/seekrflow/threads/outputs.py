"""What the operations on threads answer, under the vendor's component names."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from messaging.sql.rows import JSONRow
from messaging.values.types import JSONObject
from messaging.wire.shapes import Answer, Read


class Thread(Read):
    """A conversation between users and agents. A run that is active holds it locked."""

    id: str
    object: str = "thread"
    created_at: datetime
    status: Literal["available", "locked"] = "available"
    active_run_id: str | None = Field(None, description="The run that holds it")
    meta_data: JSONObject = Field(default_factory=dict)

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ("id", "created_at", "active_run", "meta_data")

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        return {
            "id": values["id"],
            "object": "thread",
            "created_at": values["created_at"],
            "status": "locked" if values["active_run"] else "available",
            "active_run_id": values["active_run"],
            "meta_data": values["meta_data"],
        }


class Deleted(Answer):
    """It is gone, and everything below it."""

    deleted: bool = True
