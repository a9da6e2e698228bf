"""What the operation on changes answers."""

from typing import Any

from pydantic import Field

from messaging.changes import ChangePage, ChangeRead, change_read
from messaging.exceptions import ResyncNeeded
from messaging.wire.shapes import Answer


class ChangeListResponse(Answer):
    """Changes in their order, and the position to ask with next."""

    data: list[ChangeRead]
    next_cursor: str = Field(description="Position for `after`, at the end of the changes too")
    has_more: bool

    @classmethod
    def of(cls, page: ChangePage) -> dict[str, Any]:
        """The page as it is shown."""
        shown = [change_read(change) for change in page.changes]
        return {"data": shown, "next_cursor": page.next_position, "has_more": page.has_more}


class ResyncDetail(Answer):
    """Which changes follow the position is not known: read the state anew, then go on from `next_cursor`."""

    detail: str
    next_cursor: str

    @classmethod
    def of(cls, resync: ResyncNeeded) -> dict[str, Any]:
        """The body that tells of it."""
        return {"detail": str(resync), "next_cursor": resync.position}
