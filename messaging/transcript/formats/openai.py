"""`openai`: messages of chat completions, as `client.chat.completions.create(messages=...)` takes them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
    SYSTEM,
    TOOL,
    USER,
    Call,
    File,
    Piece,
    Reasoning,
    Result,
    Text,
    Turn,
    as_text,
    present,
    texts,
)
from messaging.transcript.steps import Step
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
    read_item,
    read_text,
    refused,
    rest_of,
    text_or_none,
    tool_name,
    turns_in,
)

ROLES = frozenset({*SYSTEM, USER, ASSISTANT, TOOL, "function"})
OF_RESULT = ("role", "content", "name", "tool_call_id")
SAYING = ("content", "tool_calls", "function_call", "refusal", "reasoning_content")
"""What a message says."""
AUDIO_ANSWER = "audio"
"""What a model spoke, by an id that soon expires: it is kept, and its words are those of the message."""
OF_MESSAGE = ("role", "name", *SAYING)
OF_CALL = ("id", "type")
OF_FILE = ("file_data", "filename", "file_id")
REFUSAL = "refusal"
"""Marks a text as the refusal of a model, in its metadata."""
NAME = re.compile(r"[^\s<|\\/>]{1,64}")
"""The names of authors that the provider takes."""
DETAILS = ("auto", "low", "high")
AUDIO = {"wav": "audio/wav", "mp3": "audio/mpeg"}


class OpenAI(Format):
    name = "openai"

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        ids = CallIds(most=40, characters=r"\x21-\x7e")
        return {"messages": [message for step in steps for message in self._messages(step, ids, notes)]}

    def expresses(self, piece: Piece, role: str) -> bool:
        match piece:
            case File():
                return role == USER and _file_item(piece) is not None
            case Call():
                return role == ASSISTANT
        return isinstance(piece, Text | Result)

    def read(self, given: Given) -> list[Turn]:
        return list(turns_in(given, "messages", _read_message))

    def _messages(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        pieces = list(self.expressible(step, notes))
        if not pieces:
            return
        words = [piece for piece in pieces if not isinstance(piece, Call)]
        calls = [_written_call(piece, ids) for piece in pieces if isinstance(piece, Call)]
        name = step.turn.name if NAME.fullmatch(step.turn.name or "") else None
        rest = {"tool_calls": calls} if calls else {}
        yield {"role": step.role, **_content(words), **present({"name": name}), **rest}
        for call, result in step.answered:
            yield {"role": TOOL, "tool_call_id": ids[call], "content": result.text}


def _content(pieces: Sequence[Piece]) -> JSONObject:
    """One text as it is, several and files as a list; null with calls alone."""
    match pieces:
        case []:
            return {"content": None}
        case [Text(text=text, metadata=metadata)]:
            return {"content": None, REFUSAL: text} if metadata.get(REFUSAL) else {"content": text}
    return {"content": [_item(piece) for piece in pieces]}


def _item(piece: Piece) -> JSONObject | None:
    match piece:
        case Text(text=text, metadata=metadata):
            return (
                {"type": REFUSAL, REFUSAL: text} if metadata.get(REFUSAL) else {"type": "text", "text": text}
            )
        case File():
            return _file_item(piece)
    return None


def _file_item(file: File) -> JSONObject | None:
    """An image, a sound or a file as a part of a content; None for what chat completions do not take."""
    data = file.data
    if file.is_image and file.url:
        return {"type": "image_url", "image_url": {"url": file.url, **present({"detail": file.detail})}}
    if data and (sound := next((name for name, mime in AUDIO.items() if mime == data[0]), None)):
        return {"type": "input_audio", "input_audio": {"data": data[1], "format": sound}}
    if data:
        return {"type": "file", "file": {"file_data": file.url, **present({"filename": file.name})}}
    if file.file_id:
        return {"type": "file", "file": {"file_id": file.file_id}}
    return None


def _written_call(call: Call, ids: CallIds) -> JSONObject:
    if call.metadata.get("type") == "custom":
        return {
            "id": ids[call],
            "type": "custom",
            "custom": {"name": tool_name(call), "input": call.arguments},
        }
    function = {"name": tool_name(call), "arguments": call.arguments}
    return {"id": ids[call], "type": "function", "function": function}


def _read_message(given: object, loc: Loc) -> Iterator[Turn]:
    message = an_object(given, loc)
    role = one_of(message.get("role"), ROLES, (*loc, "role"))
    is_result = role in (TOOL, "function")
    if all(message.get(name) is None for name in (("content",) if is_result else (*SAYING, AUDIO_ANSWER))):
        raise refused((*loc, "content"), "Field required", "missing")
    yield Turn(
        role=TOOL if is_result else role,
        pieces=(_result(message, loc),) if is_result else tuple(_pieces(message, loc)),
        name=None if is_result else text_or_none(message, "name", loc),
        meta_data=rest_of(message, *(OF_RESULT if is_result else OF_MESSAGE)),
    )


def _result(message: Given, loc: Loc) -> Result:
    name, call_id = (text_or_none(message, key, loc) for key in ("name", "tool_call_id"))
    return Result(name=name or "", id=call_id, output=_output(message.get("content"), (*loc, "content")))


def _output(content: object, loc: Loc) -> object:
    """What a tool answered: a text, also one in pieces; the list, where that holds anything else."""
    if not isinstance(content, list):
        return "" if content is None else a_text(content, loc)
    read = [read_item(item, (*loc, i), ITEMS) for i, item in enumerate(content)]
    is_text = all(isinstance(piece, Text) and not piece.metadata for piece in read)
    return texts(read) if is_text else content


def _pieces(message: Given, loc: Loc) -> Iterator[Piece]:
    if thought := text_or_none(message, "reasoning_content", loc):
        yield Reasoning(text=thought)
    content = message.get("content")
    if isinstance(content, list):
        for number, item in enumerate(content):
            yield read_item(item, (*loc, "content", number), ITEMS)
    elif content is not None:
        yield Text(text=a_text(content, (*loc, "content")))
    elif words := _spoken(message, loc):
        yield Text(text=words)
    if refusal := text_or_none(message, REFUSAL, loc):
        yield Text(text=refusal, metadata={REFUSAL: True})
    calls = [] if message.get("tool_calls") is None else listed(message, "tool_calls", loc)
    for number, call in enumerate(calls):
        yield _read_call(call, number, (*loc, "tool_calls", number))
    if (function := message.get("function_call")) is not None:
        yield _function({"function": function}, None, (*loc, "function_call"))


def _spoken(message: Given, loc: Loc) -> str | None:
    if message.get(AUDIO_ANSWER) is None:
        return None
    loc = (*loc, AUDIO_ANSWER)
    return text_or_none(an_object(message[AUDIO_ANSWER], loc), "transcript", loc)


def _read_call(given: object, number: int, loc: Loc) -> Call:
    """The call of this number, which streams tell as its `index`: one that says anything else is kept."""
    call = an_object(given, loc)
    if type(call.get("index")) is int and call["index"] == number:
        call = {name: value for name, value in call.items() if name != "index"}
    kind = one_of(text_or_none(call, "type", loc) or "function", CALLS, (*loc, "type"))
    return CALLS[kind](call, text_or_none(call, "id", loc), (*loc, kind))


def _function(call: Given, call_id: str | None, loc: Loc) -> Call:
    function = an_object(call.get("function"), loc)
    name = a_text(function.get("name"), (*loc, "name"))
    arguments = as_text(function.get("arguments")) or "{}"
    metadata = rest_of(call, *OF_CALL, function=("name", "arguments"))
    return Call(name=name, id=call_id, arguments=arguments, metadata=metadata)


def _custom(call: Given, call_id: str | None, loc: Loc) -> Call:
    custom = an_object(call.get("custom"), loc)
    name, text = a_text(custom.get("name"), (*loc, "name")), a_text(custom.get("input", ""), (*loc, "input"))
    metadata = {"type": "custom", **rest_of(call, *OF_CALL, custom=("name", "input"))}
    return Call(name=name, id=call_id, arguments=text, metadata=metadata)


CALLS: Mapping[str, Callable[[Given, str | None, Loc], Call]] = {"function": _function, "custom": _custom}


def _refusal(item: Given, loc: Loc) -> Piece:
    metadata = {REFUSAL: True, **rest_of(item, "type", REFUSAL)}
    return Text(text=a_text(item.get(REFUSAL), (*loc, REFUSAL)), metadata=metadata)


def _image(item: Given, loc: Loc) -> Piece:
    image = item.get("image_url")
    at = image if isinstance(image, dict) else {"url": image}
    url, detail = a_text(at.get("url"), (*loc, "image_url", "url")), at.get("detail")
    read = {"detail": detail} if detail in DETAILS else {}
    data = File(url=url).data
    metadata = rest_of(item, "type", image_url=("url", *read))
    return File(url=url, mime_type=data[0] if data else None, metadata=metadata, **read)


def _sound(item: Given, loc: Loc) -> Piece:
    sound = an_object(item.get("input_audio"), (*loc, "input_audio"))
    mime_type = AUDIO[one_of(sound.get("format"), AUDIO, (*loc, "input_audio", "format"))]
    data = a_text(sound.get("data"), (*loc, "input_audio", "data"))
    metadata = rest_of(item, "type", input_audio=("data", "format"))
    return File(url=f"data:{mime_type};base64,{data}", mime_type=mime_type, metadata=metadata)


def _file(item: Given, loc: Loc) -> Piece:
    file = an_object(item.get("file"), (*loc, "file"))
    url, name, file_id = (text_or_none(file, key, (*loc, "file")) for key in OF_FILE)
    data = File(url=url).data
    mime_type = data[0] if data else "application/octet-stream"
    metadata = rest_of(item, "type", file=OF_FILE)
    return File(url=url, file_id=file_id, name=name, mime_type=mime_type, metadata=metadata)


ITEMS: Mapping[str, ReadItem] = {
    **dict.fromkeys(("text", "input_text", "output_text"), read_text),
    "refusal": _refusal,
    "image_url": _image,
    "input_audio": _sound,
    "file": _file,
}
