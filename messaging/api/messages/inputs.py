"""What the message operations take, under the vendor's component names."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from messaging.conf import parley_settings
from messaging.models import Message
from messaging.services import MessageDraft
from messaging.values.types import JSONObject, Moment, Text64, Text255

from .outputs import without_derived

CLEARABLE = frozenset({"tool_calls", "parent_message_id", "tags", "meta_data", "attachments"})


def within_batch(messages: Any) -> Any:
    """Refuses a list of more messages than one call may carry."""
    limit = parley_settings().max_batch
    if isinstance(messages, list) and len(messages) > limit:
        raise PydanticCustomError(
            "too_long",
            "A call takes at most {max_length} messages, not {actual_length}",
            {"max_length": limit, "actual_length": len(messages)},
        )
    return messages


class MessageCreateRequest(BaseModel):
    """One message to store."""

    sender_id: Text255 | None = Field(None, description="Sender/User ID")
    created_at: Moment | None = Field(None, description="When the message was sent")
    content: str = Field(description="Message content")
    role: Text64 = Field("user", description="Message role")
    message_type: Text64 = Field("text", description="Message type")
    tool_calls: list[JSONObject] | None = Field(None, description="Tool calls made in this message")
    parent_message_id: Text255 | None = Field(None, description="Parent message ID for threading")
    tags: list[str] | None = Field(None, description="Message tags")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")
    attachments: list[JSONObject] | None = Field(None, description="Message attachments")

    def draft(self) -> MessageDraft:
        return MessageDraft(**vars(self))


def drafts_of(messages: list[MessageCreateRequest]) -> list[MessageDraft]:
    return [message.draft() for message in messages]


class CreateMessages(BaseModel):
    """One message or several, for one conversation."""

    conversation_id: str | None = Field(None, description="Conversation ID")
    # The limit stands around the union: inside it would change the names that errors give its members.
    content: Annotated[MessageCreateRequest | list[MessageCreateRequest], AfterValidator(within_batch)] = (
        Field(description="Message content")
    )
    enable_memories: bool | None = Field(False, description="Enable memories")

    def drafts(self) -> list[MessageDraft]:
        return drafts_of(self.content if isinstance(self.content, list) else [self.content])


class MessageUpdate(BaseModel):
    """The fields to change. What is left out stays; so does text that is null, other null values clear."""

    content: str | None = Field(None, description="Message content")
    role: Text64 | None = Field(None, description="Message role")
    message_type: Text64 | None = Field(None, description="Message type")
    tool_calls: list[JSONObject] | None = Field(None, description="Tool calls made in this message")
    parent_message_id: Text255 | None = Field(None, description="Parent message ID for threading")
    tags: list[str] | None = Field(None, description="Message tags")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")
    attachments: list[JSONObject] | None = Field(None, description="Message attachments")
    sent_at: Moment | None = Field(None, description="When the message was sent")

    def changes(self, row: Message) -> dict[str, Any]:
        """The columns of this message that get new values. What it shows without having it stays so."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "meta_data" in given:
            given["meta_data"] = without_derived(row, given["meta_data"])
        return {name: value for name, value in given.items() if value is not None or name in CLEARABLE}
