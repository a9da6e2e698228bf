"""`gemini`: `systemInstruction` and `contents`, as `generateContent` takes them, spelled as on its wire."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
    BODY,
    USER,
    Call,
    Data,
    File,
    Piece,
    Reasoning,
    Result,
    Text,
    Turn,
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
    is_set,
    listed,
    one_of,
    rest_of,
    results_first,
    text_or_none,
    tool_name,
    turns_in,
)

MODEL = "model"
SIGNATURE = "thought_signature"
"""Where the metadata of a piece keep what the provider wants back with it."""
VERBATIM = ("executableCode", "codeExecutionResult")
"""Parts that go back as they came."""
FILES = ("inlineData", "fileData")
"""Parts whose objects the client spells otherwise, too."""
STANDARD = str.maketrans("-_", "+/")
"""From the alphabet in which the vendor's client writes base64 to that which all others read."""
SNAKE = {
    "function_call": "functionCall",
    "function_response": "functionResponse",
    "inline_data": "inlineData",
    "file_data": "fileData",
    "thought_signature": "thoughtSignature",
    "executable_code": "executableCode",
    "code_execution_result": "codeExecutionResult",
}
"""The client's spelling of what the wire spells otherwise."""


class Gemini(Format):
    name = "gemini"
    keys = ("systemInstruction", "contents")
    starts = frozenset({USER})
    hoists_system = True

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        ids = CallIds(most=64)
        head, rest = (
            [step for step in steps if step.is_system],
            [step for step in steps if not step.is_system],
        )
        system = [part for step in head for part in self._parts(step, ids, notes)]
        contents = [content for step in rest for content in self._contents(step, ids, notes)]
        instruction = {"systemInstruction": {"parts": system}} if system else {}
        return {**instruction, "contents": list(_joined(contents))}

    def expresses(self, piece: Piece, role: str) -> bool:
        match piece:
            case Text():
                return bool(piece.text)
            case Reasoning():
                return role == ASSISTANT and isinstance(piece.metadata.get(SIGNATURE), str)
            case Call():
                return role == ASSISTANT
            case File():
                return role in (USER, ASSISTANT) and bool(piece.data or (piece.url and piece.mime_type))
            case Data():
                return role == ASSISTANT and piece.data_type in VERBATIM
        return isinstance(piece, Result)

    def read(self, given: Given) -> list[Turn]:
        system = given.get("systemInstruction")
        head = [] if system is None else [_instruction(system, (*BODY, "systemInstruction"))]
        return [*head, *turns_in(given, "contents", _read_content)]

    def _contents(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        if parts := list(self._parts(step, ids, notes)):
            yield {"role": MODEL if step.role == ASSISTANT else USER, "parts": parts}
        if results := [_response(call, ids[call], result) for call, result in step.answered]:
            yield {"role": USER, "parts": results}

    def _parts(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        for piece in self.expressible(step, notes):
            signature = piece.metadata.get(SIGNATURE)
            yield {**_part(piece, ids), **present({"thoughtSignature": signature})}


def _joined(contents: Iterable[JSONObject]) -> Iterator[JSONObject]:
    """Contents with roles that alternate."""
    open_one: JSONObject | None = None
    for content in contents:
        if open_one and open_one["role"] == content["role"]:
            open_one = {**open_one, "parts": [*open_one["parts"], *content["parts"]]}
            continue
        if open_one:
            yield open_one
        open_one = content
    if open_one:
        yield open_one


def _part(piece: Piece, ids: CallIds) -> JSONObject:
    match piece:
        case Text():
            return {"text": piece.text}
        case Reasoning():
            return {"text": piece.text, "thought": True}
        case Call():
            return {"functionCall": {"id": ids[piece], "name": tool_name(piece), "args": piece.fields}}
        case File(data=(mime_type, data)):
            return {"inlineData": {"mimeType": mime_type, "data": data}}
        case File():
            return {"fileData": {"mimeType": piece.mime_type, "fileUri": piece.url}}
        case Data():
            return {str(piece.data_type): piece.data}
    raise TypeError(type(piece).__name__)


def _response(call: Call, call_id: str, result: Result) -> JSONObject:
    """A result as the object that the provider demands: `output` or `error`, where it is none itself."""
    output, name = result.output, tool_name(call)
    if result.is_error:
        output = {"error": output}
    response = output if isinstance(output, dict) else {"output": output}
    return {"functionResponse": {"id": call_id, "name": name, "response": response}}


def _instruction(given: object, loc: Loc) -> Turn:
    content = an_object({"parts": [{"text": given}]} if isinstance(given, str) else given, loc)
    text_or_none(content, "role", loc)  # which says nothing here, whatever it is
    pieces = tuple(_pieces(listed(content, "parts", loc), (*loc, "parts")))
    return Turn(role="system", pieces=pieces, meta_data=rest_of(content, "role", "parts"), loc=loc)


def _read_content(given: object, loc: Loc) -> list[Turn]:
    content = an_object(given, loc)
    role = one_of(content.get("role", USER), {USER, MODEL, "function"}, (*loc, "role"))
    pieces = _pieces(listed(content, "parts", loc), (*loc, "parts"))
    return results_first(ASSISTANT if role == MODEL else USER, pieces, rest_of(content, "role", "parts"))


def _pieces(parts: Iterable[object], loc: Loc) -> Iterator[Piece]:
    for number, given in enumerate(parts):
        part = {SNAKE.get(name, name): item for name, item in an_object(given, (*loc, number)).items()}
        told = {name: item for name, item in part.items() if item is not None}
        yield _piece(told | {name: _camel(told[name]) for name in FILES if name in told}, (*loc, number))


def _piece(part: Given, loc: Loc) -> Piece:
    """What a part says, by the first kind that it has a key of."""
    read = next((read for name, read in KINDS.items() if name in part), _unknown)
    return read(part, loc)


def _rest(part: Given, loc: Loc, *names: str, **inner: Collection[str]) -> JSONObject:
    """What else a part says, and its signature."""
    signature = text_or_none(part, "thoughtSignature", loc)
    return {**rest_of(part, "thoughtSignature", *names, **inner), **present({SIGNATURE: signature})}


def _call(part: Given, loc: Loc) -> Piece:
    metadata, loc = _rest(part, loc, functionCall=("id", "name", "args")), (*loc, "functionCall")
    call = an_object(part["functionCall"], loc)
    name, args = a_text(call.get("name"), (*loc, "name")), call.get("args")
    arguments = dumps({} if args is None else args).decode()
    return Call(name=name, id=text_or_none(call, "id", loc), arguments=arguments, metadata=metadata)


def _result(part: Given, loc: Loc) -> Piece:
    metadata = _rest(part, loc, functionResponse=("id", "name", "response"))
    loc = (*loc, "functionResponse")
    response = an_object(part["functionResponse"], loc)
    name, call_id = a_text(response.get("name"), (*loc, "name")), text_or_none(response, "id", loc)
    output, is_error = _output(response.get("response"))
    return Result(name=name, id=call_id, output=output, is_error=is_error, metadata=metadata)


def _output(response: object) -> tuple[object, bool]:
    """(the output, whether it is an error) of a response, which has to be an object."""
    match response:
        case None:
            return {}, False
        case {"error": error, **rest} if error is not None and not rest:
            return error, True
        case {"output": output, **rest} if output is not None and not rest:
            return output, False
    return response, False


def _blob(part: Given, loc: Loc) -> Piece:
    metadata, loc = _rest(part, loc, inlineData=("mimeType", "data")), (*loc, "inlineData")
    data = an_object(part["inlineData"], loc)
    mime_type, text = (a_text(data.get(name), (*loc, name)) for name in ("mimeType", "data"))
    url = f"data:{mime_type};base64,{text.translate(STANDARD)}"
    return File(url=url, mime_type=mime_type, metadata=metadata)


def _file(part: Given, loc: Loc) -> Piece:
    metadata, loc = _rest(part, loc, fileData=("mimeType", "fileUri")), (*loc, "fileData")
    file = an_object(part["fileData"], loc)
    url, mime_type = a_text(file.get("fileUri"), (*loc, "fileUri")), text_or_none(file, "mimeType", loc)
    return File(url=url, mime_type=mime_type, metadata=metadata)


def _text(part: Given, loc: Loc) -> Piece:
    kind = Reasoning if is_set(part, "thought", loc) else Text
    return kind(text=a_text(part["text"], (*loc, "text")), metadata=_rest(part, loc, "text", "thought"))


def _verbatim(part: Given, loc: Loc) -> Piece:
    kind = next(name for name in VERBATIM if name in part)
    return Data(data=part[kind], data_type=kind, metadata=_rest(part, loc, kind))


def _unknown(part: Given, loc: Loc) -> Piece:
    return Data(data=dict(part), data_type="part", metadata=_rest(part, loc, *part))


KINDS: Mapping[str, ReadItem] = {
    "functionCall": _call,
    "functionResponse": _result,
    "inlineData": _blob,
    "fileData": _file,
    "text": _text,
    **dict.fromkeys(VERBATIM, _verbatim),
}


def _camel(given: object) -> object:
    """An object of the client's spelling in that of the wire."""
    if not isinstance(given, dict):
        return given
    names = {"mime_type": "mimeType", "file_uri": "fileUri"}
    return {names.get(name, name): value for name, value in given.items()}
