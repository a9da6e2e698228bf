"""The parts of messages that were not written in parts: those of users, and all of the Mielto wire.

They are derived on read and stored nowhere. Their ids depend on message and position alone, so they
are the same at every read.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from messaging.values.ids import derived_id

from .shapes import Link, Part, complete

__all__ = ["DERIVED_FROM", "derived_parts"]

DERIVED_FROM = ("id", "role", "content", "structured_content", "tool_calls", "attachments", "meta_data")
"""The columns of a message that its parts are derived from."""
DETAILS = ("high", "low", "auto")
FILE_KEYS = {
    "file_id": ("file_id", "object_id", "id"),
    "url": ("url", "image_url", "file_url"),
    "mime_type": ("mime_type", "content_type", "media_type"),
}


def derived_parts(message: Mapping[str, Any], link: Link) -> list[Part]:
    """The parts of a message, complete.

    `message` has the columns DERIVED_FROM.
    """
    parts = _of_message(message, link)
    return [complete(derived_id("part", message["id"], place), part) for place, part in enumerate(parts)]


def _of_message(message: Mapping[str, Any], link: Link) -> Iterator[Part]:
    items = message["structured_content"]
    if message["role"] == "tool":
        yield _tool_result(message)
    elif items is None and message["content"]:
        yield {"type": "text", "text": message["content"]}
    for item in items or ():
        part = _of_item(item, link)
        if message["role"] != "tool" or part["type"] != "text":  # a tool's text is its result
            yield part
    for call in message["tool_calls"] or ():
        yield _tool_call(call)
    if items is None:  # otherwise the attachments repeat the items
        for attachment in message["attachments"] or ():
            yield _file(attachment, link)


def _of_item(item: Mapping[str, Any], link: Link) -> Part:
    match item["type"]:
        case "input_image":
            return _image(item, link)
        case "input_file":
            return {"type": "file", "file_id": item["file_id"]}
        case "output_guardrail":
            return {"type": "text", "text": item["text"], "metadata": {"guardrail": item["guardrail"]}}
    annotations = item.get("annotations")
    metadata = {"annotations": annotations} if annotations else None
    return {"type": "text", "text": item["text"], "metadata": metadata}


def _image(item: Mapping[str, Any], link: Link) -> Part:
    part = {"type": "file", "file_id": item.get("file_id"), "detail": item["detail"]}
    if ref := item.get("image_url_ref"):
        return part | {"url": link(ref["object_id"]), "mime_type": ref["mime_type"]}
    url = item.get("image_url")
    return part | {"url": url, "mime_type": _mime_type_of(url)}


def _mime_type_of(url: str | None) -> str | None:
    """What a data URL says of itself."""
    if url and url.startswith("data:"):
        return url.removeprefix("data:").partition(",")[0].partition(";")[0] or None
    return None


def _tool_result(message: Mapping[str, Any]) -> Part:
    """The result of the call that the meta data name, as importers do: `tool_call_id` and `name`."""
    named = message["meta_data"] or {}
    return {
        "type": "tool-result",
        "tool_name": _text(named.get("name")) or _text(named.get("tool_name")) or "",
        "tool_call_id": _text(named.get("tool_call_id")),
        "output": message["content"],
    }


def _tool_call(call: Any) -> Part:
    """A call in OpenAI's shape, `{id, function: {name, arguments}}`, or with those fields at its top."""
    call = call if isinstance(call, dict) else {}
    function = call["function"] if isinstance(call.get("function"), dict) else call
    return {
        "type": "tool-call",
        "tool_name": _text(function.get("name")) or "",
        "tool_call_id": _text(call.get("id")) or _text(call.get("tool_call_id")),
        "args": _parsed(function.get("arguments", function.get("args"))),
    }


def _parsed(arguments: Any) -> Any:
    """Arguments that are JSON in a string as what they are; others unchanged."""
    if not isinstance(arguments, str):
        return arguments
    try:
        return json.loads(arguments, parse_constant=_refused)
    except (ValueError, RecursionError):
        return arguments


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _file(attachment: Any, link: Link) -> Part:
    """An attachment in any of the usual spellings; what has no field of its own goes to `metadata`."""
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
    part.setdefault("mime_type", _mime_type_of(part.get("url")))
    return part | {"metadata": rest or attachment.get("metadata")}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
