"""The vendor's pages: how one is asked for, and its envelope."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from pydantic import Field

from messaging.sql.rows import JSONRow
from messaging.values.types import Direction
from messaging.wire.operations import Payload
from messaging.wire.pagination import Page, PageQuery, Window
from messaging.wire.responses import InPieces, listed
from messaging.wire.shapes import Answer, Read

Row = TypeVar("Row")


class ListQuery(PageQuery):
    """How a list is ordered and cut."""

    skip: int = Field(0, ge=0, description="Number of items to skip")
    limit: int = Field(100, ge=1, le=1000, description="Number of items to return")
    cursor: str | None = Field(
        None, description="`next_cursor` of the page before; takes the place of `skip`"
    )
    order_by: str = Field("created_at", description="Field to order by")
    order_direction: Direction = Field("desc", description="Order direction (asc/desc)")

    def window(self) -> Window:
        return Window(
            order_by=self.order_by,
            descending=self.order_direction == "desc",
            limit=self.limit,
            skip=self.skip,
            cursor=self.cursor or None,
        )


class PaginatedResponse(Answer, Generic[Row]):
    """A page of a list, and where the next one begins."""

    data: list[Row]
    total_count: int
    page: int | None = None
    limit: int | None = None
    next_page: int | None = None
    next_cursor: str | None = None
    has_more: bool | None = None

    @classmethod
    def of(cls, page: Page, shape: type[Read]) -> Payload:
        """The page, its rows as the shape shows them."""
        return cls.shown(page, shape.all_of)

    @classmethod
    def shown(cls, page: Page, render: Callable[[list[JSONRow]], list[dict[str, Any]]]) -> Payload:
        """The same, some rows at a time as `render` shows them."""
        data = listed(page.rows, page.further, render)
        rest = {name: getattr(page, name) for name in cls.model_fields if name != "data"}
        return replace(data, name="data", rest=rest) if isinstance(data, InPieces) else {"data": data} | rest
