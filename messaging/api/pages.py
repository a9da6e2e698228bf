"""The vendor's pages: how one is asked for, and its envelope."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

from messaging.values.types import Direction
from messaging.wire.pagination import Page, PageQuery, Window
from messaging.wire.shapes import Read

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


class PaginatedResponse(BaseModel, Generic[Row]):
    """A page of a list, and where the next one begins."""

    data: list[Row]
    total_count: int
    page: int | None = None
    limit: int | None = None
    next_page: int | None = None
    next_cursor: str | None = None
    has_more: bool | None = None

    @classmethod
    def of(cls, page: Page, shape: type[Read]) -> dict[str, Any]:
        """The page, its rows as the shape shows them."""
        shown = {"data": [shape.of(row) for row in page.rows]}
        return shown | {name: getattr(page, name) for name in cls.model_fields if name != "data"}
