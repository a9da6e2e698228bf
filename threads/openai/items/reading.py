"""Messages read as items, and items found by their ids."""

from collections.abc import Iterator, Sequence

from messaging.conf import parley_settings
from messaging.content import message_of_item_id
from messaging.content.required import REFERENCE
from messaging.exceptions import InvalidValue, ItemNotFound
from messaging.index.index_scan import IndexScan
from messaging.models import Message
from messaging.services.items import Items, items_of
from messaging.services.reading import PartsTooLarge
from messaging.sql.rows import JSONRow, json_rows
from messaging.values.choices import Permission
from messaging.values.json import encode
from messaging.values.types import JSONObject
from messaging.wire.view import WireViewSet

from .outputs import ItemRow


class ReadsItems(WireViewSet):
    """A view that shows messages as items."""

    def items_of_rows(self, rows: Sequence[JSONRow]) -> tuple[list[Items], bool]:
        """(the items of the first of these messages, as many as an answer holds; whether some are left)."""
        count = len(rows)
        while True:
            try:
                items = items_of(rows[:count], workspace_id=self.workspace_id, link=str, whole=True)
            except PartsTooLarge:
                count = (count + 1) // 2
            else:
                return [items[row["id"]] for row in rows[:count]], count < len(rows)

    def shown_messages(self, rows: Sequence[JSONRow]) -> Iterator[tuple[JSONRow, Items]]:
        """These messages with their items, so many at once as an answer holds."""
        while rows:
            of_rows, _ = self.items_of_rows(rows)
            yield from zip(rows, of_rows, strict=False)
            rows = rows[len(of_rows) :]

    def row_at(self, item_id: str, conversation_id: str | None = None) -> JSONRow:
        """The message that shows the item of this id, in one conversation or, by an id of ours, in any.

        Raises ItemNotFound.
        """
        within = {"conversation_id": conversation_id} if conversation_id is not None else {}
        derived = message_of_item_id(item_id)
        rows = self._rows(item_id=item_id, **within) if within else []
        rows = rows or (self._rows(id=derived[0], **within) if derived else [])
        if not rows:
            raise ItemNotFound
        return rows[0]

    def item_at(self, item_id: str, conversation_id: str | None = None) -> tuple[JSONRow, Items, int]:
        """(the message, its items, which of them it is). Raises ItemNotFound."""
        row = self.row_at(item_id, conversation_id)
        [items], _ = self.items_of_rows([row])
        numbers = [number for number, item in enumerate(items) if item["id"] == item_id]
        if not numbers:
            raise ItemNotFound
        return row, items, numbers[0]

    def with_references(
        self, items: Sequence[JSONObject], conversation_id: str | None = None
    ) -> list[JSONObject]:
        """The items with those that are referred to in place of references, which only who may read is given.
        Raises ItemNotFound, PermissionMissing, and InvalidValue where references name more than a body may
        hold."""
        referred: list[JSONObject] = []
        limit = left = parley_settings().max_body_bytes
        for number, item in enumerate(items):
            referred.append(self._referred(item, conversation_id))
            left -= len(encode(referred[-1])) if referred[-1] is not item else 0
            if left < 0:
                reason = f"What is referred to has more than {limit} bytes: refer to less in one call"
                raise InvalidValue(("body", "items", number), reason, "too_long")
        return referred

    def _referred(self, item: JSONObject, conversation_id: str | None) -> JSONObject:
        item_id = item.get("id")
        if item.get("type") != REFERENCE or not isinstance(item_id, str):
            return item
        self.require_permission(Permission.READ)
        try:
            _, items, number = self.item_at(item_id, conversation_id)
        except ItemNotFound:
            _, items, number = self.item_at(item_id)
        return items[number]

    def _rows(self, **values: str) -> list[JSONRow]:
        scan = IndexScan.of_workspace(Message, self.workspace_id, **values)
        return json_rows(scan.in_order(("id",)), ItemRow.columns(), ItemRow.parse)
