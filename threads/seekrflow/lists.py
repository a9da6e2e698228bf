"""The vendor's lists: bare arrays, cut by limit and offset."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from messaging.values.types import Moment
from messaging.wire.metadata import MetaDataQuery
from messaging.wire.pagination import MAX_SKIP

__all__ = ["FilteredListQuery", "ListQuery", "cut"]

MAX_LIMIT = 1_000


class ListQuery(BaseModel):
    """How a list is ordered and cut."""

    limit: int = Field(20, ge=0, description=f"How many to return; {MAX_LIMIT} where more are asked for")
    order: Literal["asc", "desc"] = Field("desc", description="By time of creation, oldest or newest first")
    offset: int = Field(0, ge=0, description="How many to skip")


class FilteredListQuery(ListQuery, MetaDataQuery):
    """The same, narrowed."""

    created_after: Moment | None = Field(None, description="Only those created later than this")
    created_before: Moment | None = Field(None, description="Only those created earlier than this")


def cut(queryset: Any, query: ListQuery, columns: Sequence[str]) -> Any:
    """The part of the rows that the query asks for, ordered by these columns."""
    start = min(query.offset, MAX_SKIP)
    ordered = queryset.in_order(columns, descending=query.order == "desc")
    return ordered[start : start + min(query.limit, MAX_LIMIT)]
