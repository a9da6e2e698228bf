"""Turns of stored messages. Pure: whoever calls has read the rows, their parts and their large values."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from messaging.content import Part, item_of, part_of, refs_in
from messaging.content.responses import is_item
from messaging.values.json import parsed_or_text
from messaging.values.types import JSONObject

from .pieces import TOOL, Call, Data, File, Piece, Reasoning, Result, Text, Turn, as_text, known_role

OBJECT = "object:"
"""What the URL of a stored object begins with, until its text stands in its place."""
PAYLOADS = ("data", "args", "input", "output")
OF_TOOLS = ("tool_call_id", "name", "is_error")
"""What the meta data of a tool's message say of its result, and the result says itself."""

ITEM = "openai_item"
"""Where the metadata of a piece have the item of OpenAI's Responses that it was written as, whole."""
HOSTED = ("file_search_call", "web_search_call", "code_interpreter_call", "mcp_call")
"""Calls of tools that the provider ran itself: what they answered, if it is told, is in the item."""

Row = Mapping[str, Any]
Texts = Mapping[str, object]
"""By the id of an object: its text, or what is known of it where it is too large or gone."""


class TooLarge(Exception):
    """A value is kept outside its row, and is more than an answer carries."""


def object_link(object_id: str) -> str:
    """A Link that `turn_of` understands."""
    return f"{OBJECT}{object_id}"


def refs_of(row: Row, parts: Iterable[Part]) -> Iterator[Mapping[str, Any]]:
    """The refs to stored objects in a message, those to files with the `prefix` of their data URLs."""
    yield from refs_in(row["structured_content"])
    yield from refs_in(row["attachments"])
    for part in parts:
        for name in PAYLOADS:
            if ref := part.get(f"{name}_ref"):
                yield _with_prefix(ref, part) if name == "data" else ref


def turn_of(row: Row, parts: Iterable[Part], objects: Texts, tokens: int) -> Turn:
    """The turn that a message is. `row` has its JSON parsed; `parts` need no ids. Raises TooLarge."""
    role, meta_data = known_role(row["role"]), row["meta_data"] or {}
    pieces = list(_with_written_calls([_piece(part, objects) for part in parts], row["tool_calls"]))
    if is_item(row) and len(row["structured_content"]) == 1:
        pieces = _tagged(row["structured_content"][0], pieces)
    name = meta_data.get("name") if role != TOOL else None
    dropped = OF_TOOLS if role == TOOL else ("name",)
    return Turn(
        role=role,
        pieces=tuple(pieces),
        id=row["id"],
        name=name if isinstance(name, str) else None,
        meta_data={key: value for key, value in meta_data.items() if key not in dropped},
        tokens=tokens,
    )


def pieces_of_item(item: JSONObject) -> list[Piece]:
    """What an item of OpenAI's Responses says, as it was sent."""
    parts = [part_of(part).complete("") for part in item_of(item).parts(object_link)]
    return _tagged(item, [_piece(part, {}) for part in parts])


def _tagged(item: JSONObject, pieces: list[Piece]) -> list[Piece]:
    """The pieces of an item with the item itself, unless something of it is kept outside its row.

    A call of the provider's own that holds no answer waits for none: it is data.
    """
    if any(refs_in(item)):
        return pieces
    tag = {ITEM: item} | ({"type": "custom"} if item.get("type") == "custom_tool_call" else {})
    if item.get("type") in HOSTED and not any(isinstance(piece, Result) for piece in pieces):
        return [Data(data=item, data_type=item["type"], metadata=tag)]
    return [replace(piece, metadata={**piece.metadata, **tag}) for piece in pieces]


def _piece(part: Part, objects: Texts) -> Piece:
    return PIECES[part["type"]](part, objects, part.get("metadata") or {})


def _text(part: Part, objects: Texts, metadata: dict[str, Any]) -> Piece:
    return Text(text=part["text"], metadata=metadata)


def _reasoning(part: Part, objects: Texts, metadata: dict[str, Any]) -> Piece:
    return Reasoning(text=part["text"], metadata=metadata)


def _file(part: Part, objects: Texts, metadata: dict[str, Any]) -> Piece:
    url, name = part["url"], metadata.get("filename", metadata.get("name"))
    if url and url.startswith(OBJECT):
        url = _object(objects, url.removeprefix(OBJECT))
    known = {"file_id": part["file_id"], "mime_type": part["mime_type"], "detail": part["detail"]}
    return File(url=url, name=name if isinstance(name, str) else None, metadata=metadata, **known)


def _data(part: Part, objects: Texts, metadata: dict[str, Any]) -> Piece:
    value, mime_type = _payload(part, "data", objects), part.get("mime_type")
    if isinstance(value, str) and value.startswith("data:") and mime_type:
        return File(url=value, mime_type=mime_type, name=part["data_type"], metadata=metadata)
    return Data(data=value, data_type=part["data_type"], metadata=metadata)


def _call(part: Part, objects: Texts, metadata: dict[str, Any]) -> Piece:
    arguments = as_text(_payload(part, "args", objects)) or "{}"
    return Call(name=part["tool_name"], id=part["tool_call_id"], arguments=arguments, metadata=metadata)


def _result(part: Part, objects: Texts, metadata: dict[str, Any]) -> Piece:
    output, error = _payload(part, "output", objects), part["error_text"]
    return Result(
        name=part["tool_name"],
        id=part["tool_call_id"],
        output=error if output in (None, "") and error else "" if output is None else output,
        is_error=part["is_error"] or bool(error),
        metadata=metadata,
    )


def _error(part: Part, objects: Texts, metadata: dict[str, Any]) -> Piece:
    text, call_id = part["error_text"] or "", part["tool_call_id"]
    return Result(name=part["tool_name"], id=call_id, output=text, is_error=True, metadata=metadata)


PIECES: Mapping[str, Callable[[Part, Texts, dict[str, Any]], Piece]] = {
    "text": _text,
    "reasoning": _reasoning,
    "file": _file,
    "data": _data,
    "tool-call": _call,
    "tool-result": _result,
    "tool-error": _error,
}


def _payload(part: Part, name: str, objects: Texts) -> object:
    """A value, also one that is kept outside its row."""
    ref = part.get(f"{name}_ref")
    if not ref:
        return part.get(name)
    text = _object(objects, ref["object_id"])
    return parsed_or_text(text) if ref.get("mime_type") == "application/json" else text


def _object(objects: Texts, object_id: str) -> str:
    text = objects.get(object_id)
    if not isinstance(text, str):
        raise TooLarge(object_id)
    return text


def _with_prefix(ref: Mapping[str, Any], part: Part) -> Mapping[str, Any]:
    """The ref to the bytes of a file with what makes a data URL of them; that to a text as it is."""
    mime_type = part.get("mime_type") or ref.get("mime_type") or ""
    is_text = ref.get("preview_text") is not None or mime_type.startswith("text/")
    return ref if is_text or "prefix" in ref else {**ref, "prefix": f"data:{mime_type};base64,"}


def _with_written_calls(pieces: list[Piece], calls: object) -> Iterator[Piece]:
    """Calls with their arguments as they were written, where the message lists the same calls."""
    listed = [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    written = iter(listed)
    is_same = len(listed) == sum(isinstance(piece, Call) for piece in pieces)
    for piece in pieces:
        if not isinstance(piece, Call) or not is_same:
            yield piece
            continue
        call = next(written)
        function = call.get("function")
        text = function.get("arguments") if isinstance(function, dict) else call.get("arguments")
        if isinstance(text, str) and text and not call.get("args_ref"):
            piece = replace(piece, arguments=text)
        yield piece
