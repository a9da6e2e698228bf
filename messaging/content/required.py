"""What an item of OpenAI's Responses must have to be read at all, whoever sends it."""

from collections.abc import Mapping, Sequence

from messaging.exceptions import InvalidValue
from messaging.values.types import JSONObject, Loc

from .responses import ROLES, UNKNOWN

REFERENCE = "item_reference"
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


def require_item(item: JSONObject, at: Loc) -> str:
    """The type of an item, which stands at `at`. Raises InvalidValue for what is none: it names the field."""
    kind = _required(at, item, REQUIRED)
    if kind == "message" and item["role"] not in (*ROLES, UNKNOWN):
        raise InvalidValue((*at, "role"), f"Input should be one of: {', '.join(ROLES)}", "enum")
    for name in SAYING.get(kind, ()):
        if isinstance(parts := item.get(name), list):
            _require_parts((*at, name), parts)
    return kind


def _require_parts(at: Loc, parts: Sequence[object]) -> None:
    for number, part in enumerate(parts):
        if not isinstance(part, dict):
            raise InvalidValue((*at, number), "Input should be an object", "value_type")
        _required((*at, number), part, REQUIRED_OF_PART)


def _required(at: Loc, given: JSONObject, required: Mapping[str, Fields]) -> str:
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
