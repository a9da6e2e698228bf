"""Drafts of messages from turns that a format has read.

What the columns of a message say by themselves takes no rows of parts.
"""

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any

from messaging.conf import parley_settings
from messaging.content import says_failure
from messaging.content.responses import fields_of_item
from messaging.services import MessageDraft
from messaging.values.json import parsed_or_text
from messaging.values.types import JSONObject

from .pieces import TOOL, Call, Data, File, Piece, Reasoning, Result, Text, Turn, present


def draft_of(turn: Turn) -> MessageDraft:
    """The draft that is stored, and then read again as this turn."""
    if turn.item is not None:
        return MessageDraft(**fields_of_item(turn.item))
    pieces, meta_data = turn.pieces, turn.meta_data | present({"name": turn.name})
    if turn.role == TOOL and (result := _plain_result(pieces)):
        meta_data = {**meta_data, **_about(result)}
        return MessageDraft(role=TOOL, content=result.text, meta_data=meta_data or None)
    values: dict[str, Any] = {"role": turn.role, "meta_data": meta_data or None}
    if _is_plain(pieces):
        return MessageDraft(content="".join(map(_words, pieces)), tool_calls=_calls(pieces), **values)
    if turn.role != TOOL and (items := _items(pieces)):
        return MessageDraft(structured_content=items, **values)
    return MessageDraft(parts=[_part(piece) for piece in pieces], tool_calls=_written(pieces), **values)


def _plain_result(pieces: Sequence[Piece]) -> Result | None:
    """The only piece, where it is a result that is a text with nothing to remark."""
    match pieces:
        case [Result(output=str(), metadata=metadata) as result] if not metadata:
            return result
    return None


def _about(result: Result) -> JSONObject:
    """What the meta data of a tool's message say of its result; of a failure only what the text does not."""
    is_implied = result.is_error == says_failure(result.output)
    flag = {} if is_implied else {"is_error": result.is_error}
    return present({"tool_call_id": result.id, "name": result.name}) | flag


def _is_plain(pieces: Sequence[Piece]) -> bool:
    """Whether these are one text at most, and calls behind it, with nothing to remark."""
    is_bare = all(not piece.metadata and isinstance(piece, Text | Call) for piece in pieces)
    return is_bare and not any(isinstance(piece, Text) for piece in pieces[1:])


def _words(piece: Piece) -> str:
    return piece.text if isinstance(piece, Text) else ""


def _calls(pieces: Sequence[Piece]) -> list[JSONObject] | None:
    """The calls in OpenAI's shape, which keeps their arguments as they were written."""
    calls = [piece for piece in pieces if isinstance(piece, Call)]
    return [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in calls
    ] or None


def _written(pieces: Sequence[Piece]) -> list[JSONObject] | None:
    """The same for a message with rows of parts, unless some are so large that they leave it."""
    limit = parley_settings().object_threshold_bytes
    is_large = any(isinstance(piece, Call) and len(piece.arguments) > limit // 6 for piece in pieces)
    return None if is_large else _calls(pieces)


def _items(pieces: Sequence[Piece]) -> list[JSONObject] | None:
    """Texts and images as items, whose large images leave their rows; None where there is anything else."""
    items = [_item(piece) for piece in pieces]
    return [item for item in items if item] if all(items) and any(map(_is_file, pieces)) else None


def _is_file(piece: Piece) -> bool:
    return isinstance(piece, File)


def _item(piece: Piece) -> JSONObject | None:
    match piece:
        case Text(text=text, metadata=metadata) if not metadata:
            return {"type": "input_text", "text": text}
        case File(url=str(url), file_id=None, name=None, metadata=metadata) if not metadata:
            is_implied = piece.is_image and piece.mime_type == (piece.data[0] if piece.data else None)
            return {"type": "input_image", "image_url": url, "detail": piece.detail} if is_implied else None
    return None


@singledispatch
def _part(piece: Piece) -> Mapping[str, Any]:
    """The part that says this."""
    raise TypeError(type(piece).__name__)


@_part.register
def _(piece: Text) -> Mapping[str, Any]:
    return {"type": "text", "text": piece.text, "metadata": piece.metadata or None}


@_part.register
def _(piece: Reasoning) -> Mapping[str, Any]:
    return {"type": "reasoning", "text": piece.text, "metadata": piece.metadata or None}


@_part.register
def _(piece: File) -> Mapping[str, Any]:
    """A file; one that is sent along is data, for data leave the row where they are large."""
    metadata = piece.metadata or None
    if piece.data:
        whole = {"type": "data", "data": piece.url, "mime_type": piece.mime_type or piece.data[0]}
        return {**whole, "data_type": piece.name, "metadata": metadata}
    named = {**piece.metadata, "filename": piece.name} if piece.name else metadata
    known = {name: getattr(piece, name) for name in ("url", "file_id", "mime_type", "detail")}
    return {"type": "file", **known, "metadata": named}


@_part.register
def _(piece: Data) -> Mapping[str, Any]:
    return {
        "type": "data",
        "data": piece.data,
        "data_type": piece.data_type,
        "metadata": piece.metadata or None,
    }


@_part.register
def _(piece: Call) -> Mapping[str, Any]:
    return {
        "type": "tool-call",
        "tool_name": piece.name,
        "tool_call_id": piece.id,
        "args": parsed_or_text(piece.arguments),
        "metadata": piece.metadata or None,
    }


@_part.register
def _(piece: Result) -> Mapping[str, Any]:
    return {
        "type": "tool-result",
        "tool_name": piece.name,
        "tool_call_id": piece.id,
        "output": piece.output,
        "is_error": piece.is_error,
        "metadata": piece.metadata or None,
    }
