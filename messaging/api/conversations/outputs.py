"""What the conversation operations answer."""

from datetime import datetime

from pydantic import Field

from messaging.api.pages import PaginatedResponse
from messaging.values.types import JSONObject
from messaging.wire.shapes import Read


class ConversationRead(Read):
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
