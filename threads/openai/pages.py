"""The vendor's lists: an object with the ids of its ends, after which the next page begins."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from messaging.values.types import JSONObject

MAX_LIMIT = 100


class ListQuery(BaseModel):
    """How a list is ordered and cut."""

    limit: int = Field(20, ge=1, le=MAX_LIMIT, description=f"How many to return, 1 to {MAX_LIMIT}")
    order: Literal["asc", "desc"] = Field("desc", description="Oldest or newest first")
    after: str | None = Field(None, description="Only what comes after the one with this id, in this order")

    @property
    def is_descending(self) -> bool:
        return self.order == "desc"


class TwoWayListQuery(ListQuery):
    """The same, which also leads back."""

    before: str | None = Field(None, description="Only what comes before the one with this id, the nearest")


def listed(data: Sequence[JSONObject], *, has_more: bool) -> dict[str, Any]:
    """A page of what has ids."""
    ends = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {"object": "list", "data": data, "first_id": ends[0], "last_id": ends[1], "has_more": has_more}
