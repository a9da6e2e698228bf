"""The vendor's lists: bare arrays, cut by limit and offset. How one is asked for."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from messaging.index.listing import Order, Window
from messaging.values.types import Moment
from messaging.wire.pagination import MAX_SKIP
from messaging.wire.parameters import MetaDataQuery, is_earlier, is_later

MAX_LIMIT = 1_000


class ListQuery(BaseModel):
    """How a list is ordered and cut."""

    limit: int = Field(20, ge=0, description=f"How many to return; {MAX_LIMIT} where more are asked for")
    order: Literal["asc", "desc"] = Field("desc", description="By time of creation, oldest or newest first")
    offset: int = Field(0, ge=0, description="How many to skip")

    def order_by(self, *names: str) -> Order:
        """These columns in the direction that is asked for."""
        return Order(names, descending=self.order == "desc")

    def window(self) -> Window:
        """The part that is asked for."""
        start = min(self.offset, MAX_SKIP)
        return Window(start=start, stop=start + min(self.limit, MAX_LIMIT))


class FilteredListQuery(ListQuery, MetaDataQuery):
    """The same, narrowed."""

    created_after: Annotated[Moment | None, is_later("created_at")] = Field(
        None, description="Only those created later than this"
    )
    created_before: Annotated[Moment | None, is_earlier("created_at")] = Field(
        None, description="Only those created earlier than this"
    )
