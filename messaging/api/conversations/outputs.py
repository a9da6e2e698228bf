"""What the conversation operations answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from messaging.api.messages.outputs import MessageRead, last_messages_of
from messaging.api.pages import PaginatedResponse
from messaging.values.choices import ConversationStatus
from messaging.values.types import JSONObject
from messaging.wire.shapes import Read

from .inputs import OF_COLLECTIONS, OF_IS_PUBLIC


class ConversationRead(Read):
    """A stored conversation."""

    sometimes = frozenset({"last_message"})

    id: str
    workspace_id: str = Field(description="Reference to workspace")
    external_id: str | None = Field(None, description="The caller's own id, unique in the workspace")
    title: str | None = None
    summary: str | None = None
    status: ConversationStatus
    is_public: bool = Field(description=OF_IS_PUBLIC)
    collections: list[str] = Field(description=OF_COLLECTIONS)
    meta_data: JSONObject = Field(description="Additional metadata")
    settings: JSONObject = Field(description="Settings of the conversation")
    user_id: str | None = Field(None, description="The end user whose conversation it is")
    ended_at: datetime | None = None
    owner_id: str | None = None
    created_by: str | None = None
    created_at: datetime
    updated_at: datetime
    message_count: int = Field(description="How many messages it holds")
    last_message: MessageRead | None = Field(
        None, description="The newest message, null without any; there only with `include=last_message`"
    )

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return tuple(name for name in cls.model_fields if name != "last_message")


class ConversationListResponse(PaginatedResponse[ConversationRead]):
    """A page of conversations, which can also be left backwards."""

    prev_cursor: str | None = None


def with_last_messages(workspace_id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Give each of these ConversationReads its `last_message`, by one statement for all of them."""
    messages = last_messages_of(workspace_id, [row["id"] for row in rows])
    for row in rows:
        row["last_message"] = messages.get(row["id"])
