"""`ui`: UIMessages of the AI SDK, as `useChat({messages})` takes them.

A call and its result are one part there, and the steps of an assistant's turn one message.
"""

from collections.abc import Iterator, Mapping, Sequence

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
    SYSTEM,
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
    as_text,
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
    read_text,
    refused,
    rest_of,
    text_or_none,
    tool_name,
    turns_in,
)

MESSAGE_ID = "ui_message_id"
"""Where the meta data of messages keep the id of the UIMessage that they are of."""
STEP = {"type": "step-start"}
VERBATIM = ("source-url", "source-document", STEP["type"])
"""Parts that go back as they came."""
REMARKS = {
    "text": ("providerMetadata", "state"),
    "reasoning": ("providerMetadata", "state"),
    "file": ("providerMetadata",),
    "tool": ("providerExecuted", "callProviderMetadata", "resultProviderMetadata", "title", "preliminary"),
}
"""What parts say besides, and say again."""
ANSWERED = ("output-available", "output-error", "output-denied")
OF_STATE = {
    "input-available": ("state",),
    "output-available": ("state", "output"),
    "output-error": ("state", "errorText"),
}
"""What else is read of a call in a state; what is said of other states is kept."""
DENIED = "The user has denied this call"


class UI(Format):
    name = "ui"

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        ids, used = CallIds(most=255, characters=r"\x21-\x7e"), set[str]()
        written = (self._message(group, ids, used, notes) for group in _grouped(steps))
        return {"messages": [message for message in written if message["parts"]]}

    def expresses(self, piece: Piece, role: str) -> bool:
        match piece:
            case File():
                return role != "system" and bool(piece.url)
            case Call():
                return role == ASSISTANT
            case Data():
                return bool(piece.data_type)
        return True

    def read(self, given: Given) -> list[Turn]:
        return list(turns_in(given, "messages", _read_message))

    def _message(self, group: Sequence[Step], ids: CallIds, used: set[str], notes: Omissions) -> JSONObject:
        turn = group[0].turn
        parts = [list(self._parts(step, ids, notes)) for step in group]
        if len(group) > 1:
            parts = [some if _begins(some) else [STEP, *some] for some in parts]
        metadata = {name: value for name, value in turn.meta_data.items() if name != MESSAGE_ID}
        return {
            "id": _unique(str(turn.meta_data.get(MESSAGE_ID) or turn.id), used),
            "role": "system" if group[0].is_system else group[0].role,
            **({"metadata": metadata} if metadata else {}),
            "parts": [part for some in parts for part in some],
        }

    def _parts(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        for piece in self.expressible(step, notes):
            yield _call_part(piece, ids[piece], step) if isinstance(piece, Call) else _part(piece)


def _grouped(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """The steps of each message: those that name it, and what an assistant goes on with behind results."""
    group: list[Step] = []
    for step in steps:
        if group and not _goes_on(group[-1], step):
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _goes_on(step: Step, following: Step) -> bool:
    if step.role != ASSISTANT or following.role != ASSISTANT:
        return False
    one, other = (each.turn.meta_data.get(MESSAGE_ID) for each in (step, following))
    return other == one if other else bool(step.results)


def _begins(parts: Sequence[JSONObject]) -> bool:
    """Whether these begin with the mark of a step already, which somebody has written more into."""
    return bool(parts) and parts[0]["type"] == STEP["type"]


def _unique(wanted: str, used: set[str]) -> str:
    """The id itself the first time, then with a number."""
    made, number = wanted, 1
    while made in used:
        number += 1
        made = f"{wanted}_{number}"
    used.add(made)
    return made


def _part(piece: Piece) -> JSONObject:
    match piece:
        case Text():
            return {"type": "text", "text": piece.text, **_remarks("text", piece)}
        case Reasoning():
            return {"type": "reasoning", "text": piece.text, **_signed(piece), **_remarks("reasoning", piece)}
        case File():
            media_type = piece.mime_type or (piece.data or ("application/octet-stream", ""))[0]
            named = present({"filename": piece.name})
            return {
                "type": "file", "mediaType": media_type, "url": piece.url, **named, **_remarks("file", piece)
            }  # fmt: skip
        case Data(data=dict(data), data_type=kind) if kind in VERBATIM and data.get("type") == kind:
            return data
        case Data():
            return {
                "type": f"data-{piece.data_type}",
                **present({"id": piece.metadata.get("id")}),
                "data": piece.data,
            }
    raise TypeError(type(piece).__name__)


def _remarks(kind: str, piece: Piece) -> JSONObject:
    return {name: piece.metadata[name] for name in REMARKS[kind] if name in piece.metadata}


def _signed(piece: Reasoning) -> JSONObject:
    """The signature of reasoning, where the SDK's provider of Anthropic looks for it."""
    signature, redacted = piece.metadata.get("signature"), piece.metadata.get("redacted")
    given = present({"signature": signature, "redactedData": redacted})
    return {"providerMetadata": {"anthropic": given}} if given else {}


def _call_part(call: Call, call_id: str, step: Step) -> JSONObject:
    """A call with its result; always with its input, without which an error is refused."""
    part = {"type": "dynamic-tool", "toolName": tool_name(call), "toolCallId": call_id}
    about, result = {"input": call.input, **_remarks("tool", call)}, step.results.get(call)
    if result is None:
        return {**part, "state": "input-available", **about}
    if result.is_error:
        return {**part, "state": "output-error", **about, "errorText": result.text or "Error"}
    return {**part, "state": "output-available", **about, "output": result.output}


def _read_message(given: object, loc: Loc) -> Iterator[Turn]:
    """The turns of a message: those of an assistant step by step, each followed by its results."""
    message = an_object(given, loc)
    role = one_of(message.get("role"), {USER, ASSISTANT, *SYSTEM}, (*loc, "role"))
    own = present({MESSAGE_ID: text_or_none(message, "id", loc)})
    metadata, rest = message.get("metadata"), rest_of(message, "id", "role", "metadata", "parts")
    meta_data = {**rest, **(an_object(metadata, (*loc, "metadata")) if metadata is not None else {}), **own}
    for pieces in [*_steps(_read_parts(listed(message, "parts", loc), (*loc, "parts")))] or [[]]:
        others = tuple(piece for piece in pieces if not isinstance(piece, Result))
        results = [piece for piece in pieces if isinstance(piece, Result)]
        yield Turn(role=role, pieces=others, meta_data=meta_data)
        yield from (Turn(role=TOOL, pieces=(result,)) for result in results)
        meta_data = own  # what is said of the message is kept once


def _steps(pieces: Iterator[Piece | None]) -> Iterator[list[Piece]]:
    """The pieces of each step; None begins one."""
    step: list[Piece] = []
    for piece in pieces:
        if piece is not None:
            step.append(piece)
        elif step:
            yield step
            step = []
    if step:
        yield step


def _read_parts(parts: Sequence[object], loc: Loc) -> Iterator[Piece | None]:
    for number, given in enumerate(parts):
        part = an_object(given, (*loc, number))
        kind = a_text(part.get("type"), (*loc, number, "type"))
        if kind == STEP["type"]:
            yield None
            if part != STEP:
                yield _data(part, (*loc, number))
        elif kind == "dynamic-tool" or kind.startswith("tool-"):
            yield from _read_call(part, kind, (*loc, number))
        else:
            yield PARTS.get(kind, _data)(part, (*loc, number))


def _read_call(part: Given, kind: str, loc: Loc) -> Iterator[Piece]:
    is_named = kind == "dynamic-tool"
    name = a_text(part.get("toolName"), (*loc, "toolName")) if is_named else kind.removeprefix("tool-")
    call_id, state = a_text(part.get("toolCallId"), (*loc, "toolCallId")), text_or_none(part, "state", loc)
    where = "rawInput" if part.get("input") is None else "input"
    read = ("type", "toolCallId", where, *OF_STATE.get(state or "", ()), *(("toolName",) if is_named else ()))
    given = part.get(where)
    arguments = given if isinstance(given, str) else dumps({} if given is None else given).decode()
    yield Call(name=name, id=call_id, arguments=arguments, metadata=rest_of(part, *read))
    if state in ANSWERED:
        output = {"output-available": part.get("output"), "output-denied": DENIED}
        value = output.get(state, as_text(part.get("errorText")))
        is_error = state != "output-available"
        yield Result(name=name, id=call_id, output="" if value is None else value, is_error=is_error)


def _reasoning(part: Given, loc: Loc) -> Piece:
    metadata = rest_of(part, "type", "text")
    match metadata.get("providerMetadata"):
        case {"anthropic": {"signature": str(signature)}}:
            metadata["signature"] = signature
        case {"anthropic": {"redactedData": str(redacted)}}:
            metadata["redacted"] = redacted
    return Reasoning(text=a_text(part.get("text"), (*loc, "text")), metadata=metadata)


def _file(part: Given, loc: Loc) -> Piece:
    return File(
        url=a_text(part.get("url"), (*loc, "url")),
        mime_type=a_text(part.get("mediaType"), (*loc, "mediaType")),
        name=text_or_none(part, "filename", loc),
        metadata=rest_of(part, "type", "url", "mediaType", "filename"),
    )


def _data(part: Given, loc: Loc) -> Piece:
    """A part of data, or whatever else there is: whole, under its name."""
    kind = str(part["type"])
    if kind.startswith("data-") and "data" in part:
        metadata = rest_of(part, "type", "data")
        return Data(data=part["data"], data_type=kind.removeprefix("data-"), metadata=metadata)
    if kind in VERBATIM:
        return Data(data=dict(part), data_type=kind)
    raise refused((*loc, "type"), "This is no kind of part of a UIMessage", "literal_error")


PARTS: Mapping[str, ReadItem] = {"text": read_text, "reasoning": _reasoning, "file": _file}
