"""What the conversation operations answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from messaging.api.pages import PaginatedResponse
from messaging.models import Conversation
from messaging.values.types import JSONObject


class ConversationRead(BaseModel):
    """A stored conversation."""

    id: str
    workspace_id: str = Field(description="Reference to workspace")
    title: str | None = None
    summary: str | None = None
    status: str = Field(description="active, ended or archived")
    is_public: bool = False
    collections: list[str] = Field(description="IDs of the collections it belongs to")
    meta_data: JSONObject = Field(description="Additional metadata")
    settings: JSONObject = Field(description="Settings of the conversation")
    user_id: str | None = Field(None, description="The end user whose conversation it is")
    ended_at: datetime | None = None
    owner_id: str | None = None
    created_by: str | None = None
    created_at: datetime
    updated_at: datetime
    message_count: int = Field(description="How many messages it holds")


class ConversationListResponse(PaginatedResponse[ConversationRead]):
    """A page of conversations, which can also be left backwards."""

    prev_cursor: str | None = None


CONVERSATION_COLUMNS = tuple(ConversationRead.model_fields)


def conversation_read(row: Conversation) -> dict[str, Any]:
    """A ConversationRead from an instance; a row that is read with CONVERSATION_COLUMNS is one already."""
    return {name: getattr(row, name) for name in CONVERSATION_COLUMNS}
