"""What the operations on threads answer, under the vendor's component names."""

import json
from typing import Any, Literal

from messaging.sql.rows import JSONRow
from messaging.values.types import JSONObject
from messaging.wire.shapes import Answer, Read
from threads.openai.metadata import shown_metadata

from .inputs import TOOL_RESOURCES


class ThreadObject(Read):
    """A thread: a conversation of the other wires."""

    parse = json.loads

    id: str
    object: Literal["thread"] = "thread"
    created_at: int
    metadata: dict[str, str]
    tool_resources: JSONObject | None

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ("id", "created_at", "meta_data", "settings")

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        resources = (values["settings"] or {}).get(TOOL_RESOURCES)
        return {
            "id": values["id"],
            "object": "thread",
            "created_at": values["created_at"],
            "metadata": shown_metadata(values["meta_data"]),
            "tool_resources": resources if isinstance(resources, dict) else None,
        }


class DeleteThreadResponse(Answer):
    """It is gone, and everything below it."""

    id: str
    object: Literal["thread.deleted"] = "thread.deleted"
    deleted: Literal[True] = True
