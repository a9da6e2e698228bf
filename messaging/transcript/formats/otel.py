"""`otel`: `gen_ai.input.messages` of OpenTelemetry's semantic conventions, version 0.1.0 (Development)."""

from collections.abc import Iterator, Mapping, Sequence

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
    TOOL,
    Call,
    Data,
    File,
    Piece,
    Reasoning,
    Result,
    Text,
    Turn,
    as_text,
    known_role,
    present,
)
from messaging.transcript.steps import Step
from messaging.values.json import dumps
from messaging.values.types import JSONObject

from .base import (
    BODY,
    CallIds,
    Format,
    Given,
    Loc,
    ReadItem,
    a_text,
    an_object,
    listed,
    rest_of,
    text_or_none,
)

MODALITIES = ("image", "video", "audio")


class OTel(Format):
    name = "otel"

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        ids = CallIds(most=255, characters=r"\x21-\x7e")
        return {"messages": [message for step in steps for message in self._messages(step, ids, notes)]}

    def expresses(self, piece: Piece, role: str) -> bool:
        match piece:
            case Call():
                return role == ASSISTANT
            case File():
                return bool(piece.data or piece.url or piece.file_id)
        return True

    def read(self, given: Given) -> list[Turn]:
        messages = listed(given, "messages")
        return [_read_message(message, (*BODY, "messages", i)) for i, message in enumerate(messages)]

    def _messages(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        parts = [_part(piece, ids) for piece in self.expressible(step, notes)]
        yield {"role": step.role, "parts": parts, **present({"name": step.turn.name})}
        if results := [_response(ids[call], result) for call, result in step.answered]:
            yield {"role": TOOL, "parts": results}


def _part(piece: Piece, ids: CallIds) -> JSONObject:
    match piece:
        case Text():
            return {"type": "text", "content": piece.text}
        case Reasoning():
            return {"type": "reasoning", "content": piece.text}
        case Call():
            return {"type": "tool_call", "id": ids[piece], "name": piece.name, "arguments": piece.input}
        case File():
            return _file_part(piece)
        case Data(data=dict(data), data_type=kind) if data.get("type") == kind and kind not in PARTS:
            return data
        case Data():
            return {"type": _foreign(piece.data_type), "content": piece.data}
    raise TypeError(type(piece).__name__)


def _foreign(kind: str | None) -> str:
    """The name of a kind that is none of the convention's own."""
    return f"data-{kind}" if kind in PARTS else kind or "data"


def _file_part(file: File) -> JSONObject:
    modality = (file.mime_type or "").partition("/")[0]
    mime_type = {} if file.mime_type in (None, "image/*") else {"mime_type": file.mime_type}
    known = {"modality": modality if modality in MODALITIES else "image" if file.is_image else "file"}
    if file.data:
        return {"type": "blob", **known, "mime_type": file.data[0], "content": file.data[1]}
    if file.url:
        return {"type": "uri", **known, **mime_type, "uri": file.url}
    return {"type": "file", **known, **mime_type, "file_id": file.file_id}


def _response(call_id: str, result: Result) -> JSONObject:
    return {"type": "tool_call_response", "id": call_id, "response": result.output}


def _read_message(given: object, loc: Loc) -> Turn:
    message = an_object(given, loc)
    role = known_role(a_text(message.get("role"), (*loc, "role")))
    parts = listed(message, "parts", loc)
    return Turn(
        role=role,
        pieces=tuple(_read_part(part, (*loc, "parts", i)) for i, part in enumerate(parts)),
        name=text_or_none(message.get("name")),
        meta_data=rest_of(message, "role", "parts", "name"),
    )


def _read_part(given: object, loc: Loc) -> Piece:
    part = an_object(given, loc)
    kind = a_text(part.get("type"), (*loc, "type"))
    return PARTS[kind](part, loc) if kind in PARTS else Data(data=dict(part), data_type=kind)


def _text(part: Given, loc: Loc) -> Piece:
    return Text(
        text=a_text(part.get("content"), (*loc, "content")), metadata=rest_of(part, "type", "content")
    )


def _reasoning(part: Given, loc: Loc) -> Piece:
    text = a_text(part.get("content"), (*loc, "content"))
    return Reasoning(text=text, metadata=rest_of(part, "type", "content"))


def _call(part: Given, loc: Loc) -> Piece:
    arguments = part.get("arguments")
    text = arguments if isinstance(arguments, str) else dumps({} if arguments is None else arguments).decode()
    name = a_text(part.get("name"), (*loc, "name"))
    metadata = rest_of(part, "type", "id", "name", "arguments")
    return Call(name=name, id=text_or_none(part.get("id")), arguments=text, metadata=metadata)


def _result(part: Given, loc: Loc) -> Piece:
    output = part.get("response", part.get("result"))
    metadata = rest_of(part, "type", "id", "response", "result")
    value = "" if output is None else output
    return Result(id=text_or_none(part.get("id")), output=value, metadata=metadata)


def _blob(part: Given, loc: Loc) -> Piece:
    mime_type = as_text(part.get("mime_type")) or "application/octet-stream"
    content = a_text(part.get("content"), (*loc, "content"))
    metadata = rest_of(part, "type", "modality", "mime_type", "content")
    return File(url=f"data:{mime_type};base64,{content}", mime_type=mime_type, metadata=metadata)


def _uri(part: Given, loc: Loc) -> Piece:
    url, metadata = (
        a_text(part.get("uri"), (*loc, "uri")),
        rest_of(part, "type", "modality", "mime_type", "uri"),
    )
    return File(url=url, mime_type=_mime_type(part), metadata=metadata)


def _file(part: Given, loc: Loc) -> Piece:
    file_id = a_text(part.get("file_id"), (*loc, "file_id"))
    metadata = rest_of(part, "type", "modality", "mime_type", "file_id")
    return File(file_id=file_id, mime_type=_mime_type(part), metadata=metadata)


def _mime_type(part: Given) -> str | None:
    """The type that a part names; that of any image where it names none, and is one."""
    return text_or_none(part.get("mime_type")) or ("image/*" if part.get("modality") == "image" else None)


PARTS: Mapping[str, ReadItem] = {
    "text": _text,
    "reasoning": _reasoning,
    "tool_call": _call,
    "tool_call_response": _result,
    "blob": _blob,
    "uri": _uri,
    "file": _file,
}
