"""What the operations on items answer, under the vendor's component names."""

from collections.abc import Sequence
from typing import Literal

from pydantic import RootModel

from messaging.content.responses import item_sent
from messaging.models import Message
from messaging.services.items import ITEMS_READ_FROM
from messaging.sql.rows import JSONRow
from messaging.values.types import JSONObject
from messaging.wire.shapes import Answer, Read, shown_superseder


class ConversationItem(RootModel[JSONObject]):
    """An item as it was sent, with its `id` and `type`, whatever its type is; with `superseded_by` where
    another message took the place of its own."""


class ConversationItemList(Answer):
    """A page of items, or those that were stored."""

    object: Literal["list"] = "list"
    data: list[ConversationItem]
    first_id: str | None
    last_id: str | None
    has_more: bool


class ItemRow(Read):
    """A message, read for the items that it is."""

    parse = str

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return (*ITEMS_READ_FROM, "seq", "superseded_by")


def items_shown(row: JSONRow, items: Sequence[JSONObject]) -> list[JSONObject]:
    """The items of a message, which name the one that took its place, where one did."""
    return [item | shown_superseder(row) for item in items]


def items_sent(items: Sequence[JSONObject], rows: Sequence[Message]) -> list[JSONObject]:
    """The items that were just stored as these messages, as they are shown."""
    return [item_sent(item, row.pk) for item, row in zip(items, rows, strict=True)]
