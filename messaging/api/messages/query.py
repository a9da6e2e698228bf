"""How a list of messages is narrowed and ordered."""

import re
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from messaging.api.pages import ListQuery
from messaging.conf import parley_settings
from messaging.exceptions import InvalidValue
from messaging.index.filters import Filter, Texts
from messaging.models import Message
from messaging.values.types import AnyDirection, Moment, SearchText
from messaging.wire.pagination import Window, WirePagination
from messaging.wire.parameters import (
    BranchQuery,
    MetaDataQuery,
    Narrows,
    contains,
    equals,
    filterset_of,
    is_earlier,
    is_later,
)

from .outputs import MessageRead

MAX_SEQ = (1 << 63) - 1
# Ties are broken by conversation and seq, so that equal moments never swap a tool call and its result.
ORDERS = ("created_at", "updated_at", "sent_at", "seq", "id", "sender_id", "role", "message_type")
# A piece between commas, where a backslash takes its power from the character behind it.
PIECE = re.compile(r"(?:[^,\\]|\\.|\\$)+", re.DOTALL)
ESCAPED = re.compile(r"\\([,\\])")


def _tags(value: str, query: Any) -> Filter | None:
    """Any of the tags, or all of them. A piece means itself, or itself without outer spaces."""
    pieces = (ESCAPED.sub(r"\1", piece) for piece in PIECE.findall(value))
    choices = tuple(tuple(dict.fromkeys((piece, piece.strip()))) for piece in pieces if piece.strip())
    if len(choices) > (limit := parley_settings().max_tags):
        raise InvalidValue(("query", "tags"), f"At most {limit} tags, not {len(choices)}", "too_long")
    if not choices:
        return None
    if getattr(query, "tags_mode", "any") == "all":
        return Texts("tags", choices)
    return Texts.any_of("tags", (tag for choice in choices for tag in choice))


class ConversationMessagesQuery(ListQuery, MetaDataQuery, BranchQuery):
    """How a list of messages is narrowed, ordered and cut, within one conversation."""

    order_direction: AnyDirection = Field("desc", description="Order direction (asc/desc)")
    sender_id: Annotated[str | None, equals("sender_id")] = Field(None, description="Filter by sender ID")
    role: Annotated[str | None, equals("role")] = Field(None, description="Filter by message role")
    message_type: Annotated[str | None, equals("message_type")] = Field(
        None, description="Filter by message type"
    )
    search: Annotated[SearchText | None, contains("search_text")] = Field(
        None, description="Search messages by content"
    )
    tags: Annotated[str | None, Narrows(_tags)] = Field(None, description="Filter by tags (comma-separated)")
    tags_mode: Literal["any", "all"] = Field(
        "any", description="Whether a message needs any or all of the tags"
    )
    parent_message_id: Annotated[str | None, equals("parent_message_id")] = Field(
        None, description="Filter by the message that is answered"
    )
    created_after: Annotated[Moment | None, is_later("created_at")] = Field(
        None, description="Only messages created later than this"
    )
    created_before: Annotated[Moment | None, is_earlier("created_at")] = Field(
        None, description="Only messages created earlier than this"
    )
    after_seq: Annotated[int | None, is_later("seq")] = Field(
        None,
        ge=0,
        le=MAX_SEQ,
        description="Only messages behind this number of their conversation, in the order of their numbers",
    )
    before_seq: Annotated[int | None, is_earlier("seq")] = Field(
        None, ge=0, le=MAX_SEQ, description="Only messages in front of this number of their conversation"
    )
    after: str | None = Field(
        None, description="The same as `after_seq`, by the id of a message of the conversation"
    )
    before: str | None = Field(
        None, description="The same as `before_seq`, by the id of a message of the conversation"
    )
    order: Literal["reading"] | None = Field(
        None,
        description="`reading` turns the rows of a page, whichever page it is, so that the oldest is first:"
        " the newest 20 messages as people read them are `limit=20&order=reading`",
    )

    @property
    def is_bounded(self) -> bool:
        """Whether it asks for what lies behind or in front of a message."""
        return self._goes_on or self.before_seq is not None or bool(self.before)

    @property
    def _goes_on(self) -> bool:
        return self.after_seq is not None or bool(self.after)

    def window(self) -> Window:
        """Numbers order the list unless another order is asked for: from the message that `after` or
        `after_seq` names on, else backwards from that of `before` or `before_seq`."""
        window = super().window()
        if self.order == "reading":
            window = replace(window, oldest_first=True)
        if not self.is_bounded or "order_by" in self.model_fields_set:
            return window
        is_turned = "order_direction" in self.model_fields_set
        return replace(
            window, order_by="seq", descending=window.descending if is_turned else not self._goes_on
        )


class MessagesQuery(ConversationMessagesQuery):
    """The same across a workspace."""

    conversation_id: Annotated[str | None, equals("conversation_id")] = Field(
        None, description="Filter by conversation ID"
    )

    @model_validator(mode="after")
    def _numbers_are_of_a_conversation(self) -> Self:
        if not self.conversation_id and self.is_bounded:
            raise PydanticCustomError(
                "missing", "after, before, after_seq and before_seq need a conversation_id"
            )
        return self


class MessagePagination(WirePagination):
    orders = {name: tuple(dict.fromkeys((name, "conversation_id", "seq"))) for name in ORDERS}
    columns = MessageRead.columns()


MessageFilter = filterset_of(MessagesQuery, Message)
"""The same parameters for the views of a host."""
