"""From the parts of a message to the pieces of the page: one function a kind, JSON for every other kind."""

from collections.abc import Mapping
from functools import singledispatch
from typing import Any, TypedDict

from messaging.admin.display import Shown, brief, shown_json, shown_text
from messaging.admin.web_content import IMAGE_TYPES, MAX_DATA_IMAGE, data_image, web_link
from messaging.content import Part, PartKind, part_of
from messaging.content.parts import (
    DataPart,
    FilePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolErrorPart,
    ToolResultPart,
)

from .entries import Entry, File, Piece, Stored, Tool
from .reader import Reader

FILE_NAMES = ("name", "file_name", "filename")


class Payload(TypedDict):
    """The value of a part: in the row, or stored as a file."""

    body: Shown | None
    stored: Stored | None


def piece_of(part: Part, entry: Entry) -> Piece:
    """A part of the message of this entry, as the page shows it."""
    kind = part_of(part)
    piece = _piece(kind, entry)
    if metadata := kind.given.get("metadata"):
        piece.remarks = shown_json(metadata, entry.reader.limit)
    return piece


@singledispatch
def _piece(kind: PartKind, entry: Entry) -> Piece:
    return Piece(kind="data", name=kind.type, body=shown_json(kind.given, entry.reader.limit))


@_piece.register(TextPart)
@_piece.register(ReasoningPart)
def _text(kind: TextPart | ReasoningPart, entry: Entry) -> Piece:
    return Piece(kind=kind.type, body=shown_text(kind.given["text"] or "", entry.reader.limit))


@_piece.register
def _data(kind: DataPart, entry: Entry) -> Piece:
    name = kind.given.get("data_type") or kind.given.get("mime_type") or ""
    return Piece(kind="data", name=name, **_payload(kind, entry.reader))


@_piece.register
def _file(kind: FilePart, entry: Entry) -> Piece:
    reader, given = entry.reader, kind.given
    url, mime_type = given.get("url") or "", given.get("mime_type") or ""
    is_ours = url in reader.objects
    is_data = data_image(url, limit=reader.limit and MAX_DATA_IMAGE)
    return File(
        name=_given_name(given) or given.get("file_id") or reader.objects.get(url, ""),
        mime_type=mime_type,
        link=url if is_ours or web_link(url) else "",
        image=url if (is_ours and mime_type in IMAGE_TYPES) or is_data else "",
        body=shown_text(url, reader.limit) if url and not is_ours and not is_data else None,
    )


def _given_name(given: Mapping[str, Any]) -> str:
    """The name that a person gave a file."""
    remarks = given.get("metadata")
    named = remarks if isinstance(remarks, dict) else {}
    return next((name for key in FILE_NAMES if isinstance(name := named.get(key), str)), "")


@_piece.register(ToolCallPart)
@_piece.register(ToolResultPart)
@_piece.register(ToolErrorPart)
def _tool(kind: ToolCallPart | ToolResultPart | ToolErrorPart, entry: Entry) -> Piece:
    value, ref = kind.given.get(kind.payload or ""), kind.given.get(f"{kind.payload}_ref") or {}
    error = kind.given.get("error_text")
    return Tool(
        kind="call" if isinstance(kind, ToolCallPart) else "result",
        entry=entry,
        name=kind.given.get("tool_name") or "",
        call_id=kind.given.get("tool_call_id") or "",
        summary=brief(value or ref.get("preview_text")),
        error=shown_text(error, entry.reader.limit) if error else None,
        is_failure=kind.tells_failure,
        **_payload(kind, entry.reader),
    )


def _payload(kind: PartKind, reader: Reader) -> Payload:
    value, ref = kind.given.get(kind.payload or ""), kind.given.get(f"{kind.payload}_ref")
    return {
        "body": None if value is None else shown_json(value, reader.limit),
        "stored": _stored(ref, reader) if ref else None,
    }


def _stored(ref: Mapping[str, Any], reader: Reader) -> Stored:
    preview = f"{ref['preview_text'] or ''}{'…' if ref['truncated'] and ref['preview_text'] else ''}"
    return Stored(reader.object(ref["object_id"]), ref["size_bytes"], ref["mime_type"], preview)
