"""How memories are narrowed and ordered."""

from typing import Annotated

from pydantic import BaseModel, Field

from messaging.api.pages import ListQuery
from messaging.exceptions import MemoryNotFound
from messaging.values.choices import MemoryState
from messaging.values.types import Direction, SomeText255, Text64, Text255
from messaging.wire.pagination import PageQuery, Window, WirePagination
from messaging.wire.parameters import equals

from .inputs import OF_OWNER
from .outputs import MemoryRead, MemoryRevisionRead, MemoryWithEmbedding


class OwnerQuery(BaseModel):
    """Whose memory is meant."""

    user_id: Text255 | None = Field(None, description=OF_OWNER)

    def owner(self, in_body: str | None = None) -> str | None:
        """The end user whom query or body name. Raises MemoryNotFound where these are two."""
        if self.user_id and in_body and self.user_id != in_body:
            raise MemoryNotFound
        return self.user_id or in_body

    def meant(self) -> dict[str, str]:
        """The values of the columns by which it is found."""
        return {"state": MemoryState.LIVE.value} | ({"user_id": self.user_id} if self.user_id else {})


class HistoryQuery(OwnerQuery, ListQuery):
    """Whose memory is meant, and how its history is ordered and cut."""


class ProfileQuery(BaseModel):
    """Whose profile is meant."""

    user_id: SomeText255 = Field(description="The end user")


class MemoriesQuery(PageQuery):
    """How a list of memories is narrowed, ordered and cut."""

    user_id: Annotated[Text255 | None, equals("user_id")] = Field(None, description="Filter by end user")
    memory_type: Annotated[Text64 | None, equals("memory_type")] = Field(None, description="Filter by type")
    cursor: str | None = Field(None, description="`next_cursor` of the page before")
    limit: int = Field(50, ge=1, le=100, description="Number of memories to return")
    sort_by: str = Field("updated_at", description="Field to order by")
    sort_order: Direction = Field("desc", description="Order direction (asc/desc)")

    def window(self) -> Window:
        return Window(
            order_by=self.sort_by,
            descending=self.sort_order == "desc",
            limit=self.limit,
            cursor=self.cursor or None,
        )


class ChunksQuery(PageQuery):
    """How a list of chunks is narrowed and cut; the oldest come first."""

    user_id: Annotated[Text255 | None, equals("user_id")] = Field(None, description="Filter by end user")
    limit: int = Field(100, ge=1, le=100, description="Number of chunks to return")
    cursor: str | None = Field(None, description="`next_cursor` of the page before")
    include_embedding: bool = Field(False, description="Whether to include vectors")

    def window(self) -> Window:
        return Window(order_by="created_at", descending=False, limit=self.limit, cursor=self.cursor or None)


class MemoryPagination(WirePagination):
    order_parameter = "sort_by"
    orders = {
        "updated_at": ("updated_at", "id"),
        "created_at": ("created_at", "id"),
        "memory_id": ("id",),
    }
    columns = MemoryRead.columns()


class ChunkPagination(MemoryPagination):
    columns = MemoryWithEmbedding.columns()


class RevisionPagination(WirePagination):
    orders = {"created_at": ("version",), "version": ("version",)}
    columns = MemoryRevisionRead.columns()
