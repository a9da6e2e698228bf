"""Calls, results and files as messages without parts tell of them, in any of the usual spellings."""

import json
from collections.abc import Mapping
from typing import Any

from .items import mime_type_of
from .kinds import DETAILS, JSONObject, Link, Part, text_or_none
from .parts import UnknownPart

FILE_KEYS = {
    "file_id": ("file_id", "object_id", "id"),
    "url": ("url", "image_url", "file_url"),
    "mime_type": ("mime_type", "content_type", "media_type"),
}


def part_of_call(call: object) -> Part:
    """A call in OpenAI's shape, `{id, function: {name, arguments}}`, or with those fields at its top."""
    if not isinstance(call, dict):
        return UnknownPart(call).stored()
    name, call_id, function = _identity(call)
    args = _parsed(function.get("arguments", function.get("args")))
    return {"type": "tool-call", "tool_name": name, "tool_call_id": call_id, "args": args}


def without_arguments(call: object) -> JSONObject:
    """Which function a call calls, and under which id, in OpenAI's shape: what is left of a redacted one."""
    name, call_id, _ = _identity(call if isinstance(call, dict) else {})
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": "{}"}}


def part_of_result(content: str, meta_data: object) -> Part:
    """The result of the call that the meta data name, as importers do: `tool_call_id` and `name`."""
    named = meta_data if isinstance(meta_data, dict) else {}
    return {
        "type": "tool-result",
        "tool_name": text_or_none(named.get("name")) or text_or_none(named.get("tool_name")) or "",
        "tool_call_id": text_or_none(named.get("tool_call_id")),
        "output": content,
    }


def part_of_attachment(attachment: object, link: Link) -> Part:
    """A file; what has no field of its own goes to `metadata`."""
    if not isinstance(attachment, dict):
        return {"type": "file", "metadata": {"attachment": attachment}}
    rest = {name: value for name, value in attachment.items() if name not in ("type", "metadata")}
    nested = rest.get("image_url")
    if isinstance(nested, dict):  # OpenAI's {"image_url": {"url": ..., "detail": ...}}
        rest = {name: value for name, value in rest.items() if name != "image_url"} | nested
    part: Part = {"type": "file", "detail": rest.pop("detail") if rest.get("detail") in DETAILS else None}
    if isinstance(rest.get("object_id"), str):
        part["url"] = link(rest["object_id"])
    for field, spellings in FILE_KEYS.items():
        for name in spellings:
            if not part.get(field) and isinstance(rest.get(name), str):
                part[field] = rest.pop(name)
    part.setdefault("mime_type", mime_type_of(part.get("url")))
    remarks = attachment.get("metadata")
    return part | {"metadata": rest or (remarks if isinstance(remarks, dict) else None)}


def _identity(call: Mapping[str, Any]) -> tuple[str, str | None, Mapping[str, Any]]:
    """(name of the tool, id of the call, the object that holds its arguments)."""
    function = call["function"] if isinstance(call.get("function"), dict) else call
    call_id = text_or_none(call.get("id")) or text_or_none(call.get("tool_call_id"))
    return text_or_none(function.get("name")) or "", call_id, function


def _parsed(arguments: object) -> object:
    """Arguments that are JSON in a string as what they are; others unchanged."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments, parse_constant=_refused)
    except (ValueError, RecursionError):
        return arguments


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
