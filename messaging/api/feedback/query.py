"""How lists of feedback are narrowed and ordered."""

from typing import Annotated

from pydantic import Field

from messaging.api.pages import ListQuery
from messaging.values.choices import FeedbackType
from messaging.values.types import Moment
from messaging.wire.pagination import WirePagination
from messaging.wire.parameters import equals, is_earlier, is_later

from .outputs import FeedbackRead


class MessageFeedbackQuery(ListQuery):
    """How the feedback on one message is narrowed."""

    name: Annotated[str | None, equals("name")] = Field(None, description="Filter by what is rated")
    user_id: Annotated[str | None, equals("user_id")] = Field(None, description="Filter by who thinks so")
    data_type: Annotated[FeedbackType | None, equals("data_type")] = Field(
        None, description="Filter by the kind of value"
    )
    value: Annotated[str | None, equals("text")] = Field(
        None, description="Filter by the value of categorical and textual feedback"
    )
    above: Annotated[float | None, is_later("number")] = Field(
        None,
        allow_inf_nan=False,
        description="Only numbers greater than this; of truth values, true is 1 and false 0",
    )
    below: Annotated[float | None, is_earlier("number")] = Field(
        None, allow_inf_nan=False, description="Only numbers less than this"
    )
    created_after: Annotated[Moment | None, is_later("created_at")] = Field(
        None, description="Only feedback created later than this"
    )
    created_before: Annotated[Moment | None, is_earlier("created_at")] = Field(
        None, description="Only feedback created earlier than this"
    )


class FeedbackQuery(MessageFeedbackQuery):
    """The same across a workspace."""

    conversation_id: Annotated[str | None, equals("conversation_id")] = Field(
        None, description="Filter by conversation ID; one that is not there has none"
    )
    message_id: Annotated[str | None, equals("message_id")] = Field(
        None, description="Filter by message ID; one that is not there has none"
    )


class FeedbackPagination(WirePagination):
    orders = {
        "created_at": ("created_at", "id"),
        "updated_at": ("updated_at", "id"),
        "id": ("id",),
    }
    columns = FeedbackRead.columns()
