"""What the message operations take, under the vendor's component names."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from messaging.conf import parley_settings
from messaging.models import Message
from messaging.services import MessageDraft
from messaging.values.types import JSONObject, Moment, Text64, Text255
from messaging.wire.shapes import Body

from .outputs import without_derived


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


class MessageCreateRequest(Body):
    """One message to store."""

    examples = {"A message": {"role": "user", "content": "Thank you!"}}

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


class CreateMessages(Body):
    """One message or several, for one conversation."""

    examples = {
        "One message, in a conversation of its own": {
            "content": {"content": "Hello, is the shop open on Sunday?", "sender_id": "customer-7"}
        },
        "Imported history with a tool call": {
            "content": [
                {
                    "role": "user",
                    "sender_id": "customer-7",
                    "content": "Where is order 1042?",
                    "created_at": "2026-05-04T09:00:00Z",
                },
                {
                    "role": "assistant",
                    "sender_id": "customer-7",
                    "content": "",
                    "created_at": "2026-05-04T09:00:02Z",
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "find_order", "arguments": '{"number": 1042}'},
                        }
                    ],
                },
                {
                    "role": "tool",
                    "sender_id": "customer-7",
                    "content": '{"status": "shipped"}',
                    "created_at": "2026-05-04T09:00:03Z",
                    "meta_data": {"tool_call_id": "call_1", "name": "find_order"},
                },
            ]
        },
    }

    conversation_id: str | None = Field(None, description="Conversation ID")
    # The limit stands around the union: inside it would change the names that errors give its members.
    content: Annotated[MessageCreateRequest | list[MessageCreateRequest], AfterValidator(within_batch)] = (
        Field(description="Message content")
    )
    enable_memories: bool | None = Field(False, description="Enable memories")

    def drafts(self) -> list[MessageDraft]:
        return drafts_of(self.content if isinstance(self.content, list) else [self.content])


class MessageUpdate(Body):
    """The fields to change. What is left out stays; so does text that is null, other null values clear."""

    examples = {"Correct the text and tag it": {"content": "Where is order 1043?", "tags": ["corrected"]}}
    clearable = frozenset({"tool_calls", "parent_message_id", "tags", "meta_data", "attachments"})

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
        changes = self.given()
        if "meta_data" in changes:
            changes["meta_data"] = without_derived(row, changes["meta_data"])
        return changes
