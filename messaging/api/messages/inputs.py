"""What the message operations take, under the vendor's component names."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from messaging.models import Message
from messaging.services import MessageDraft
from messaging.services.drafts import require_first_alone
from messaging.values.documents import AS_PUBLISHED
from messaging.values.problems import Problem
from messaging.values.tokens import MOST_TOKENS
from messaging.values.types import JSONObject, MetaData, Moment, Tags, Text64, Text255
from messaging.wire.shapes import Body

from .outputs import without_derived

OPENAI_FIELDS = ("tool_call_id", "name")
"""Fields that OpenAI's messages have next to their content, and the store has in `meta_data`."""

BARE = 'The message itself is the body here: {"role": "user", "content": "Hello"}'
NESTED = 'The message stands under `content`: {"content": {"role": "user", "content": "Hello"}}'
NESTED_LIST = 'The messages stand under `content`: {"content": [{"role": "user", "content": "Hello"}]}'
ONE_TEXT = "The content is one text: join the texts of its parts, and give files as `attachments`"


def _agreeing(meta_data: JSONObject | None, info: ValidationInfo) -> JSONObject | None:
    """Refuses meta data that contradict a field of OpenAI's shape, since only one of the two is kept."""
    for name in OPENAI_FIELDS:
        given = info.data.get(name)
        if given is not None and (meta_data or {}).get(name, given) != given:
            raise PydanticCustomError(
                "contradiction", "`{name}` has another value in meta_data", {"name": name}
            )
    return meta_data


class MessageCreateRequest(Body):
    """One message to store."""

    model_config = AS_PUBLISHED
    examples = {"A message": {"role": "user", "content": "Thank you!"}}

    sender_id: Text255 | None = Field(None, description="Sender/User ID")
    created_at: Moment | None = Field(None, description="When the message was sent; without an offset in UTC")
    content: str = Field(description="Message content")
    role: Text64 = Field("user", description="Message role")
    message_type: Text64 = Field("text", description="Message type")
    tool_calls: list[JSONObject] | None = Field(None, description="Tool calls made in this message")
    parent_message_id: Text255 | None = Field(None, description="Parent message ID for threading")
    tags: Tags | None = Field(None, description="Message tags")
    tool_call_id: Text255 | None = Field(
        None, description="The tool call that this message answers, as OpenAI names it; kept in `meta_data`"
    )
    name: Text255 | None = Field(
        None, description="The tool or the author, as OpenAI names them; kept in `meta_data`"
    )
    meta_data: Annotated[MetaData | None, AfterValidator(_agreeing)] = Field(
        None, description="Additional metadata"
    )
    attachments: list[JSONObject] | None = Field(None, description="Message attachments")
    token_count: int | None = Field(
        None, ge=0, le=MOST_TOKENS, description="How many tokens the message has, where its writer knows"
    )
    supersedes: Text255 | None = Field(
        None,
        description="The message whose place this one takes, and that of all behind it: a question that was"
        " edited, or an answer that was generated anew; of several messages the first alone may name one",
    )

    @model_validator(mode="before")
    @classmethod
    def _without_text(cls, given: object) -> object:
        """A message that only calls tools has no content in OpenAI's shape."""
        if isinstance(given, dict) and given.get("content", "") is None and given.get("tool_calls"):
            return {**given, "content": ""}
        return given

    @classmethod
    def explain(cls, problem: Problem, body: object) -> str | None:
        content = body.get("content") if isinstance(body, dict) else None
        if isinstance(body, list) or isinstance(content, dict):
            return BARE
        if isinstance(content, list) and any(
            isinstance(item, dict) and "content" in item for item in content
        ):
            return BARE
        return parts_in(problem)

    def draft(self) -> MessageDraft:
        values = dict(vars(self))
        next_to_content = {name: value for name in OPENAI_FIELDS if (value := values.pop(name)) is not None}
        if next_to_content:
            values["meta_data"] = {**(values["meta_data"] or {}), **next_to_content}
        return MessageDraft(**values)


def parts_in(problem: Problem) -> str | None:
    """What to do with a content that is a list of parts, as OpenAI takes it."""
    is_parts = problem["type"] == "string_type" and problem["loc"][-1] == "content"
    return ONE_TEXT if is_parts and isinstance(problem.get("input"), list) else None


def drafts_of(messages: list[MessageCreateRequest]) -> list[MessageDraft]:
    return [message.draft() for message in messages]


class CreateMessages(Body):
    """One message or several, for one conversation."""

    model_config = AS_PUBLISHED
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
    content: MessageCreateRequest | list[MessageCreateRequest] = Field(description="Message content")
    enable_memories: bool | None = Field(False, description="Enable memories")

    @classmethod
    def explain(cls, problem: Problem, body: object) -> str | None:
        if isinstance(body, list):
            return NESTED_LIST
        content = body.get("content") if isinstance(body, dict) else None
        return NESTED if isinstance(content, str) else parts_in(problem)

    def drafts(self) -> list[MessageDraft]:
        """Raises InvalidValue."""
        drafts = drafts_of(self.content if isinstance(self.content, list) else [self.content])
        require_first_alone(drafts, "content")
        return drafts


class MessageUpdate(Body):
    """The fields to change. What is left out stays; so does text that is null, other null values clear."""

    examples = {"Correct the text and tag it": {"content": "Where is order 1043?", "tags": ["corrected"]}}
    clearable = frozenset({"tool_calls", "parent_message_id", "tags", "meta_data", "attachments"})

    content: str | None = Field(None, description="Message content")
    role: Text64 | None = Field(None, description="Message role")
    message_type: Text64 | None = Field(None, description="Message type")
    tool_calls: list[JSONObject] | None = Field(None, description="Tool calls made in this message")
    parent_message_id: Text255 | None = Field(None, description="Parent message ID for threading")
    tags: Tags | None = Field(None, description="Message tags")
    meta_data: MetaData | None = Field(None, description="Additional metadata")
    attachments: list[JSONObject] | None = Field(None, description="Message attachments")
    sent_at: Moment | None = Field(None, description="When the message was sent")

    def changes(self, row: Message) -> dict[str, Any]:
        """The columns of this message that get new values. What it shows without having it stays so."""
        changes = self.given()
        if self.attachments:  # they come to the service by themselves, for their files
            del changes["attachments"]
        if "meta_data" in changes:
            changes["meta_data"] = without_derived(row, changes["meta_data"])
        return changes
