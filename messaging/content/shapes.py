"""The seven kinds of parts as dicts: which fields each has, in the vendor's order."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["PAYLOAD", "Link", "Part", "complete"]

Part = dict[str, Any]
"""`type` and the fields of that type, as on the thread wire; complete ones have `id` and every field."""

Link = Callable[[str], str]
"""From the id of a stored object to the URL under which the reader gets it."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "reasoning": ("text",),
    "file": ("file_id", "url", "mime_type", "detail"),
    "data": ("data", "data_ref", "data_type", "mime_type"),
    "tool-call": ("tool_name", "tool_call_id", "args", "args_ref"),
    "tool-error": ("tool_name", "tool_call_id", "input", "input_ref", "mime_type", "error_text"),
    "tool-result": (
        "tool_name",
        "tool_call_id",
        "output",
        "output_ref",
        "mime_type",
        "is_error",
        "error_text",
    ),
}

PAYLOAD: Mapping[str, str] = {
    "data": "data",
    "tool-call": "args",
    "tool-error": "input",
    "tool-result": "output",
}
"""The field of each type that may grow large, and then is `<field>_ref`."""


def complete(part_id: str, part: Part) -> Part:
    """The part with its id and every field of its type; what it does not have is null."""
    fields = {name: part.get(name) for name in FIELDS[part["type"]]}
    if "is_error" in fields:
        fields["is_error"] = bool(fields["is_error"])
    return {"id": part_id, "type": part["type"], **fields, "metadata": part.get("metadata")}
