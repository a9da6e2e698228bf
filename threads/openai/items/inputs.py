"""What the operations on items take: any item, also of a type that nobody foresaw."""

import re
from collections.abc import Mapping, Sequence

from pydantic import Field

from messaging.content.responses import ROLES, UNKNOWN, fields_of_item, typed
from messaging.exceptions import InvalidValue
from messaging.services import MessageDraft
from messaging.values.types import JSONObject
from messaging.wire.shapes import Body

MAX_ITEMS = 20
ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
REFERENCE = "item_reference"
TRIGGER = "compaction_trigger"
Location = tuple[str | int, ...]
Fields = Mapping[str, type | tuple[type, ...]]
REQUIRED: Mapping[str, Fields] = {
    "message": {"role": str, "content": (str, list)},
    "function_call": {"call_id": str, "name": str, "arguments": str},
    "function_call_output": {"output": (str, list)},
    "custom_tool_call": {"call_id": str, "name": str, "input": str},
    "custom_tool_call_output": {"call_id": str, "output": (str, list)},
    REFERENCE: {"id": str},
}
"""What an item of a type must have to be read at all."""
SAYING = {
    "message": ("content",),
    "function_call_output": ("output",),
    "custom_tool_call_output": ("output",),
    "reasoning": ("summary", "content"),
}
"""The fields of an item of a type that are lists of parts, where they are lists."""
REQUIRED_OF_PART: Mapping[str, Fields] = {
    **dict.fromkeys(("input_text", "output_text", "text", "summary_text", "reasoning_text"), {"text": str}),
    "refusal": {"refusal": str},
}
"""The same as REQUIRED of a part; of other types it may have anything."""


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
    require_item(number, item)
    given = {name: value for name, value in item.items() if name != "id" or value is not None}
    return MessageDraft(**fields_of_item(given))


def require_item(number: int, item: JSONObject) -> None:
    """Raise InvalidValue for what is no item: it names the field, and where it stands among the others."""
    at = ("body", "items", number)
    kind = _required(at, item, REQUIRED)
    if kind == TRIGGER:
        raise InvalidValue((*at, "type"), "Parley runs no model, so it compacts nothing", "invalid_item")
    item_id = item.get("id")
    if item_id is not None and not (isinstance(item_id, str) and ID.fullmatch(item_id)):
        raise InvalidValue((*at, "id"), "An id has 1 to 64 letters, digits, `_` and `-`", "value_error")
    if kind == "message" and item["role"] not in (*ROLES, UNKNOWN):
        raise InvalidValue((*at, "role"), f"Input should be one of: {', '.join(ROLES)}", "enum")
    for name in SAYING.get(kind, ()):
        if isinstance(parts := item.get(name), list):
            _require_parts((*at, name), parts)


def _require_parts(at: Location, parts: Sequence[object]) -> None:
    for number, part in enumerate(parts):
        if not isinstance(part, dict):
            raise InvalidValue((*at, number), "Input should be an object", "value_type")
        _required((*at, number), part, REQUIRED_OF_PART)


def _required(at: Location, given: JSONObject, required: Mapping[str, Fields]) -> str:
    """The type of an item or a part, which has what one of this type must have."""
    fields: Fields = {"type": str}
    if isinstance(kind := given.get("type"), str):
        fields = required.get(kind, {})
    for name, types in fields.items():
        if name not in given:
            raise InvalidValue((*at, name), f"Missing required parameter of {kind or 'a part'}", "missing")
        if not isinstance(given[name], types):
            raise InvalidValue((*at, name), f"Input should be {_named(types)}", "value_type")
    return str(kind)


def _named(types: type | tuple[type, ...]) -> str:
    names: dict[type, str] = {str: "a string", list: "an array"}
    return " or ".join(names[each] for each in (types if isinstance(types, tuple) else (types,)))
