"""What the operations on items take: any item, also of a type that nobody foresaw."""

import re
from collections.abc import Sequence

from pydantic import Field

from messaging.content.required import require_item
from messaging.content.responses import fields_of_item, typed
from messaging.exceptions import InvalidValue
from messaging.services import MessageDraft
from messaging.values.types import JSONObject
from messaging.wire.shapes import Body

MAX_ITEMS = 20
ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
TRIGGER = "compaction_trigger"


class CreateConversationItemsBody(Body):
    """Items to store at the end of a conversation, all or none."""

    examples = {
        "A message": {"items": [{"type": "message", "role": "user", "content": "Where is order 1042?"}]},
        "A call and its result": {
            "items": [
                {
                    "type": "function_call",
                    "call_id": "call_1",
                    "name": "find_order",
                    "arguments": '{"number": 1042}',
                },
                {"type": "function_call_output", "call_id": "call_1", "output": "shipped"},
            ]
        },
    }

    items: list[JSONObject] = Field(max_length=MAX_ITEMS, description="Up to 20 items")


def drafts_of(items: Sequence[JSONObject]) -> list[MessageDraft]:
    """A message for each item, which keeps it as it was sent. Raises InvalidValue."""
    return [_draft(number, typed(item)) for number, item in enumerate(items)]


def _draft(number: int, item: JSONObject) -> MessageDraft:
    _require_item(number, item)
    given = {name: value for name, value in item.items() if name != "id" or value is not None}
    return MessageDraft(**fields_of_item(given))


def _require_item(number: int, item: JSONObject) -> None:
    """Raise InvalidValue for what is no item of this wire."""
    at = ("body", "items", number)
    if require_item(item, at) == TRIGGER:
        raise InvalidValue((*at, "type"), "Parley runs no model, so it compacts nothing", "invalid_item")
    item_id = item.get("id")
    if item_id is not None and not (isinstance(item_id, str) and ID.fullmatch(item_id)):
        raise InvalidValue((*at, "id"), "An id has 1 to 64 letters, digits, `_` and `-`", "value_error")
