"""How a message in parts or items looks to a wire that knows neither: one text, tool calls, attachments."""

from collections.abc import Mapping, Sequence
from typing import Any

from messaging.values.json import dumps

from .shapes import Part

__all__ = ["attachments_of", "attachments_of_items", "text_of", "text_of_items", "tool_calls_of"]

FILE_FIELDS = ("file_id", "url", "mime_type", "detail")
JSONObjects = list[dict[str, Any]]


def text_of(parts: Sequence[Part]) -> str:
    """What the parts say, joined by newlines: text, results of tools, and errors."""
    return "\n".join(text for part in parts if (text := _said(part)) is not None)


def text_of_items(items: Sequence[Mapping[str, Any]]) -> str:
    """The texts among content items, joined by newlines."""
    return "\n".join(item["text"] for item in items if "text" in item)


def tool_calls_of(parts: Sequence[Part]) -> JSONObjects | None:
    """The tool-call parts in OpenAI's shape; None where there are none.

    Arguments that are kept outside show how they begin, and `args_ref` says where the whole is.
    """
    return [_tool_call(part) for part in parts if part["type"] == "tool-call"] or None


def attachments_of(parts: Sequence[Part]) -> JSONObjects | None:
    """The file parts as attachments, without what is null; None where there are none."""
    named = (*FILE_FIELDS, "metadata")
    return [_attachment(part, named) for part in parts if part["type"] == "file"] or None


def attachments_of_items(items: Sequence[Mapping[str, Any]]) -> JSONObjects | None:
    """The images and files among content items as attachments; None where there are none."""
    return [_of_item(item) for item in items if item["type"] in ("input_image", "input_file")] or None


def _said(part: Part) -> str | None:
    match part["type"]:
        case "text":
            return str(part["text"])
        case "tool-result":
            return _as_text(part, "output") or part.get("error_text") or ""
        case "tool-error":
            return part.get("error_text") or ""
    return None


def _as_text(part: Part, field: str) -> str:
    """The payload as text; how it begins, where it is kept outside."""
    if ref := part.get(f"{field}_ref"):
        return ref["preview_text"] or ""
    value = part.get(field)
    if value is None or isinstance(value, str):
        return value or ""
    return dumps(value).decode()


def _tool_call(part: Part) -> dict[str, Any]:
    call = {
        "id": part.get("tool_call_id"),
        "type": "function",
        "function": {"name": part["tool_name"], "arguments": _as_text(part, "args") or "{}"},
    }
    return call | {"args_ref": part["args_ref"]} if part.get("args_ref") else call


def _attachment(part: Part, names: Sequence[str]) -> dict[str, Any]:
    return {"type": "file"} | {name: part[name] for name in names if part.get(name) is not None}


def _of_item(item: Mapping[str, Any]) -> dict[str, Any]:
    if item["type"] == "input_file":
        return {"type": "file", "file_id": item["file_id"]}
    given = {"url": item.get("image_url"), "file_id": item.get("file_id"), "detail": item["detail"]}
    attachment = {"type": "image"} | {name: value for name, value in given.items() if value is not None}
    if ref := item.get("image_url_ref"):
        attachment |= {"object_id": ref["object_id"], "mime_type": ref["mime_type"]}
    return attachment
