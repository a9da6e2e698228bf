"""`otel`: `gen_ai.input.messages` of OpenTelemetry's semantic conventions, version 0.1.0 (Development)."""

from collections.abc import Iterator, Mapping, Sequence

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ALIASES,
    ASSISTANT,
    NO_USERS,
    TOOL,
    USER,
    Call,
    Data,
    File,
    Piece,
    Reasoning,
    Result,
    Text,
    Turn,
    known_role,
    present,
)
from messaging.transcript.steps import Step
from messaging.values.json import dumps
from messaging.values.types import JSONObject, Loc

from .base import (
    CallIds,
    Format,
    Given,
    ReadItem,
    a_text,
    an_object,
    listed,
    one_of,
    rest_of,
    text_or_none,
    turns_in,
)

MODALITIES = ("image", "video", "audio")
ROLES = frozenset({USER, *NO_USERS, *ALIASES})


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
        return list(turns_in(given, "messages", _read_message))

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
    is_named = file.mime_type and not file.mime_type.endswith("/*")
    mime_type = {"mime_type": file.mime_type} if is_named else {}
    known = {"modality": "image" if file.is_image else _modality(file.mime_type)}
    if file.data:
        return {"type": "blob", **known, "mime_type": file.data[0], "content": file.data[1]}
    if file.url:
        return {"type": "uri", **known, **mime_type, "uri": file.url}
    return {"type": "file", **known, **mime_type, "file_id": file.file_id}


def _modality(mime_type: str | None) -> str:
    modality = (mime_type or "").partition("/")[0]
    return modality if modality in MODALITIES else "file"


def _response(call_id: str, result: Result) -> JSONObject:
    return {"type": "tool_call_response", "id": call_id, "response": result.output}


def _read_message(given: object, loc: Loc) -> Iterator[Turn]:
    message = an_object(given, loc)
    role = known_role(one_of(message.get("role"), ROLES, (*loc, "role")))
    parts = listed(message, "parts", loc)
    yield Turn(
        role=role,
        pieces=tuple(_read_part(part, (*loc, "parts", i)) for i, part in enumerate(parts)),
        name=text_or_none(message, "name", loc),
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
    return Call(name=name, id=text_or_none(part, "id", loc), arguments=text, metadata=metadata)


def _result(part: Given, loc: Loc) -> Piece:
    name = "result" if part.get("response") is None else "response"
    metadata, output = rest_of(part, "type", "id", name), part.get(name)
    return Result(
        id=text_or_none(part, "id", loc), output="" if output is None else output, metadata=metadata
    )


def _blob(part: Given, loc: Loc) -> Piece:
    mime_type = _mime_type(part, loc) or "application/octet-stream"
    content = a_text(part.get("content"), (*loc, "content"))
    url = f"data:{mime_type};base64,{content}"
    return File(url=url, mime_type=mime_type, metadata=_rest(part, mime_type, "content"))


def _uri(part: Given, loc: Loc) -> Piece:
    url, mime_type = a_text(part.get("uri"), (*loc, "uri")), _mime_type(part, loc)
    return File(url=url, mime_type=mime_type, metadata=_rest(part, mime_type, "uri"))


def _file(part: Given, loc: Loc) -> Piece:
    file_id, mime_type = a_text(part.get("file_id"), (*loc, "file_id")), _mime_type(part, loc)
    return File(file_id=file_id, mime_type=mime_type, metadata=_rest(part, mime_type, "file_id"))


def _mime_type(part: Given, loc: Loc) -> str | None:
    """The type that a part names; where it names none, that of anything of its modality."""
    modality = text_or_none(part, "modality", loc)
    return text_or_none(part, "mime_type", loc) or (f"{modality}/*" if modality in MODALITIES else None)


def _rest(part: Given, mime_type: str | None, where: str) -> JSONObject:
    """What else a part says, its modality where its type does not."""
    is_implied = part.get("modality") in (_modality(mime_type), None)
    return rest_of(part, "type", "mime_type", where, *(("modality",) if is_implied else ()))


PARTS: Mapping[str, ReadItem] = {
    "text": _text,
    "reasoning": _reasoning,
    "tool_call": _call,
    "tool_call_response": _result,
    "blob": _blob,
    "uri": _uri,
    "file": _file,
}
