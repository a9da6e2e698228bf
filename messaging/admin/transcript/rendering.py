"""From the parts of a message, as any reader of messages gets them, to the pieces of the page."""

from typing import Any

from messaging.admin.display import brief, shown_json, shown_text
from messaging.admin.web_content import IMAGE_TYPES, MAX_DATA_IMAGE, data_image, web_link
from messaging.content import Part, PartKind

from .entries import Entry
from .pieces import Call, Data, File, Piece, Result, Stored, Text
from .reader import Reader

__all__ = ["piece_of"]


def piece_of(part: Part, entry: Entry) -> Piece:
    """A part of the message of this entry. Its kinds are those of `messaging.content`."""
    reader = entry.reader
    remarks = shown_json(part["metadata"], reader.limit) if part.get("metadata") else None
    match part["type"]:
        case "text" | "reasoning" as kind:
            body = shown_text(part["text"] or "", reader.limit)
            return Text(body=body, is_reasoning=kind == "reasoning", remarks=remarks)
        case "file":
            return File(**_file(part, reader), remarks=remarks)
        case "data":
            name = part["data_type"] or part["mime_type"] or ""
            return Data(name=name, **_payload(part, reader), remarks=remarks)
        case "tool-call":
            return Call(entry=entry, **_payload(part, reader), **_tool(part), remarks=remarks)
        case _:
            said = _payload(part, reader) | _tool(part) | _error(part, reader)
            return Result(entry=entry, **said, remarks=remarks)


def _payload(part: Part, reader: Reader) -> dict[str, Any]:
    """The value of the part, here or kept as a file."""
    value, ref = _value(part)
    return {
        "body": None if value is None else shown_json(value, reader.limit),
        "stored": _stored(ref, reader) if ref else None,
    }


def _value(part: Part) -> tuple[Any, dict[str, Any] | None]:
    """(the value, the ref that takes its place)."""
    name = PartKind.known[part["type"]].payload
    return part[f"{name}"], part[f"{name}_ref"]


def _stored(ref: dict[str, Any], reader: Reader) -> Stored:
    preview = f"{ref['preview_text'] or ''}{'…' if ref['truncated'] and ref['preview_text'] else ''}"
    return Stored(reader.object(ref["object_id"]), ref["size_bytes"], ref["mime_type"], preview)


def _tool(part: Part) -> dict[str, Any]:
    value, ref = _value(part)
    summary = brief(value or (ref or {}).get("preview_text"))
    return {"name": part["tool_name"] or "", "call_id": part["tool_call_id"] or "", "summary": summary}


def _error(part: Part, reader: Reader) -> dict[str, Any]:
    text = part["error_text"]
    return {
        "error": shown_text(text, reader.limit) if text else None,
        "is_error": part["type"] == "tool-error" or part["is_error"],
    }


def _file(part: Part, reader: Reader) -> dict[str, Any]:
    url, mime_type = part["url"] or "", part["mime_type"] or ""
    is_ours = url in reader.objects
    is_data = data_image(url, limit=reader.limit and MAX_DATA_IMAGE)
    return {
        "name": part["file_id"] or reader.objects.get(url, ""),
        "mime_type": mime_type,
        "link": url if is_ours or web_link(url) else "",
        "image": url if (is_ours and mime_type in IMAGE_TYPES) or is_data else "",
        "address": shown_text(url, reader.limit) if url and not is_ours and not is_data else None,
    }
