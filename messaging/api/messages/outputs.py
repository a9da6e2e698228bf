"""What the message operations answer, under the vendor's component names."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from messaging.models import Message
from messaging.values.types import JSONObject


class MessageRead(BaseModel):
    """A stored message."""

    created_at: str | None = None
    updated_at: str | None = None
    id: str = Field(default_factory=str)
    conversation_id: str = Field(description="Reference to conversation")
    sender_id: str = Field(description="ID of the message sender")
    role: str = Field("user", description="Message role (user, assistant, system, etc.)")
    content: str = Field(description="Message content")
    tool_calls: list[JSONObject] | None = Field(None, description="Tool calls made in this message")
    message_type: str = Field("text", description="Type of message")
    tags: list[str] | None = Field(None, description="Message tags")
    checksum: str | None = Field(None, description="Message checksum")
    attachments: list[JSONObject] | None = Field(None, description="Message attachments")
    parent_message_id: str | None = Field(None, description="Parent message ID for threading")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")
    sent_at: datetime | None = Field(None, description="When the message was sent")
    owner_id: str | None = Field(None, description="Owner ID")
    workspace_id: str = Field(description="Reference to workspace")


MESSAGE_COLUMNS = tuple(MessageRead.model_fields)


def message_read(row: Message) -> dict[str, Any]:
    """A MessageRead from an instance; a row that is read with MESSAGE_COLUMNS is one already."""
    return {name: getattr(row, name) for name in MESSAGE_COLUMNS}
