"""How conversations are narrowed and ordered."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from messaging.index.filters import Filter, Texts
from messaging.values.types import Direction, SearchText, SomeText255
from messaging.wire.pagination import PageQuery, Window, WirePagination
from messaging.wire.parameters import MetaDataQuery, Narrows, ShowingQuery, contains, equals

from .inputs import OF_EXTERNAL_ID, Status
from .outputs import ConversationRead


def _in_collection(value: str, query: Any) -> Filter:
    return Texts.any_of("collections", [value])


class IncludeQuery(ShowingQuery):
    """What is answered with each conversation."""

    everything = {"include": "last_message"}

    include: Literal["", "last_message"] = Field(
        "", description="`last_message` answers the newest message of each conversation with it"
    )

    @property
    def with_last_message(self) -> bool:
        return self.include == "last_message"


class ExternalIdQuery(BaseModel):
    """Which conversation is meant."""

    external_id: SomeText255 = Field(description=OF_EXTERNAL_ID)


class ConversationsQuery(PageQuery, IncludeQuery, MetaDataQuery):
    """How a list of conversations is narrowed, ordered and cut, in the words of every client generation."""

    external_id: Annotated[str | None, equals("external_id")] = Field(
        None, description="The conversation with this id of your own"
    )
    status: Annotated[Status | None, equals("status")] = Field(None, description="Filter by status")
    is_public: Annotated[bool | None, equals("is_public")] = Field(None, description="Filter by visibility")
    user_id: Annotated[str | None, equals("user_id")] = Field(None, description="Filter by end user")
    collection_id: Annotated[str | None, Narrows(_in_collection)] = Field(
        None, description="Filter by collection"
    )
    search: Annotated[SearchText | None, contains("search_title")] = Field(
        None, description="Search conversations by title"
    )
    skip: int = Field(0, ge=0, description="Number of conversations to skip")
    page: int = Field(1, ge=1, description="Page number, from 1; an alternative to `skip`")
    limit: int = Field(50, ge=1, le=1000, description="Number of conversations to return")
    cursor: str | None = Field(None, description="`next_cursor` or `prev_cursor` of another page")
    direction: Literal["next", "prev"] | None = Field(
        None, description="Accepted for older clients; a cursor knows its own direction"
    )
    sort_by: str = Field("updated_at", description="Field to order by")
    sort_order: Direction = Field("desc", description="Order direction (asc/desc)")

    def window(self) -> Window:
        return Window(
            order_by=self.sort_by,
            descending=self.sort_order == "desc",
            limit=self.limit,
            skip=self.skip or (self.page - 1) * self.limit,
            cursor=self.cursor or None,
        )


class ConversationPagination(WirePagination):
    order_parameter = "sort_by"
    orders = {
        "updated_at": ("updated_at", "id"),
        "created_at": ("created_at", "id"),
        "message_count": ("message_count", "id"),
        "title": ("search_title", "id"),
        "status": ("status", "id"),
        "id": ("id",),
    }
    columns = ConversationRead.columns()
