"""What the operations on conversations answer, under the vendor's component names."""

import json
from typing import Any, Literal

from messaging.sql.rows import JSONRow
from messaging.wire.shapes import Answer, Read
from threads.openai.metadata import shown_metadata


class ConversationResource(Read):
    """A conversation."""

    parse = json.loads

    id: str
    object: Literal["conversation"] = "conversation"
    created_at: int
    metadata: dict[str, str]

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return ("id", "created_at", "meta_data")

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        return {
            "id": values["id"],
            "object": "conversation",
            "created_at": values["created_at"],
            "metadata": shown_metadata(values["meta_data"]),
        }


class ConversationList(Answer):
    """A page of conversations."""

    object: Literal["list"] = "list"
    data: list[ConversationResource]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedConversationResource(Answer):
    """It is gone, and all its items."""

    id: str
    object: Literal["conversation.deleted"] = "conversation.deleted"
    deleted: Literal[True] = True
