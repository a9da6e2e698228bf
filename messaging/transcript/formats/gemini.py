"""`gemini`: `systemInstruction` and `contents`, as `generateContent` takes them, spelled as on its wire."""

from collections.abc import Iterable, Iterator, Sequence

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
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
from messaging.values.types import JSONObject

from .base import (
    BODY,
    CallIds,
    Format,
    Given,
    Loc,
    a_text,
    an_object,
    listed,
    one_of,
    rest_of,
    results_first,
    text_or_none,
    tool_name,
)

MODEL = "model"
SIGNATURE = "thought_signature"
"""Where the metadata of a piece keep what the provider wants back with it."""
VERBATIM = ("executableCode", "codeExecutionResult")
"""Parts that go back as they came."""
READ = {
    "functionCall": ("id", "name", "args"),
    "functionResponse": ("id", "name", "response"),
    "inlineData": ("mimeType", "data"),
    "fileData": ("mimeType", "fileUri"),
}
"""What is read of the objects in a part."""
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
        contents = listed(given, "contents")
        read = [_read_content(content, (*BODY, "contents", i)) for i, content in enumerate(contents)]
        return [*head, *(turn for turns in read for turn in turns)]

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
    parts = listed(content, "parts", loc)
    pieces = tuple(_pieces(parts, (*loc, "parts")))
    return Turn(role="system", pieces=pieces, meta_data=rest_of(content, "role", "parts"))


def _read_content(given: object, loc: Loc) -> list[Turn]:
    content = an_object(given, loc)
    role = one_of(content.get("role", USER), {USER, MODEL, "function"}, (*loc, "role"))
    pieces = _pieces(listed(content, "parts", loc), (*loc, "parts"))
    return results_first(ASSISTANT if role == MODEL else USER, pieces, rest_of(content, "role", "parts"))


def _pieces(parts: Iterable[object], loc: Loc) -> Iterator[Piece]:
    for number, given in enumerate(parts):
        part = {SNAKE.get(name, name): item for name, item in an_object(given, (*loc, number)).items()}
        yield _piece(part | {name: _camel(part[name]) for name in READ if name in part}, (*loc, number))


def _piece(part: Given, loc: Loc) -> Piece:
    metadata = _metadata(part)
    match part:
        case {"functionCall": call}:
            return _call(an_object(call, (*loc, "functionCall")), metadata, loc)
        case {"functionResponse": response}:
            return _result(an_object(response, (*loc, "functionResponse")), metadata, loc)
        case {"inlineData": data}:
            return _blob(an_object(data, (*loc, "inlineData")), metadata, loc)
        case {"fileData": data}:
            file = an_object(data, (*loc, "fileData"))
            url = a_text(file.get("fileUri"), (*loc, "fileData", "fileUri"))
            return File(url=url, mime_type=text_or_none(file.get("mimeType")), metadata=metadata)
        case {"text": text}:
            words = a_text(text, (*loc, "text"))
            kind = Reasoning if part.get("thought") is True else Text
            return kind(text=words, metadata=metadata)
    named = next((name for name in VERBATIM if name in part), None)
    return Data(data=part[named] if named else dict(part), data_type=named or "part", metadata=metadata)


def _metadata(part: Given) -> JSONObject:
    signature = text_or_none(part.get("thoughtSignature"))
    rest = rest_of(part, "text", "thought", "thoughtSignature", *VERBATIM, **READ)
    return {**rest, **present({SIGNATURE: signature})}


def _call(call: Given, metadata: JSONObject, loc: Loc) -> Call:
    name = a_text(call.get("name"), (*loc, "functionCall", "name"))
    arguments = dumps(call.get("args") or {}).decode()
    return Call(name=name, id=text_or_none(call.get("id")), arguments=arguments, metadata=metadata)


def _result(response: Given, metadata: JSONObject, loc: Loc) -> Result:
    name = a_text(response.get("name"), (*loc, "functionResponse", "name"))
    output, is_error = response.get("response") or {}, False
    match output:
        case {"error": error, **rest} if not rest:
            output, is_error = error, True
        case {"output": value, **rest} if not rest:
            output = value
    output = "" if output is None else output
    call_id = text_or_none(response.get("id"))
    return Result(name=name, id=call_id, output=output, is_error=is_error, metadata=metadata)


def _blob(data: Given, metadata: JSONObject, loc: Loc) -> File:
    mime_type = a_text(data.get("mimeType"), (*loc, "inlineData", "mimeType"))
    text = a_text(data.get("data"), (*loc, "inlineData", "data"))
    return File(url=f"data:{mime_type};base64,{text}", mime_type=mime_type, metadata=metadata)


def _camel(given: object) -> object:
    """An object of the client's spelling in that of the wire."""
    if not isinstance(given, dict):
        return given
    names = {"mime_type": "mimeType", "file_uri": "fileUri"}
    return {names.get(name, name): value for name, value in given.items()}
