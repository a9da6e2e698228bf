"""`anthropic`: `system` and `messages`, as `client.messages.create(...)` takes them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
    BODY,
    SYSTEM,
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
from messaging.transcript.steps import Step, merged
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
    one_of,
    read_item,
    read_text,
    refused,
    rest_of,
    results_first,
    text_or_none,
    tool_name,
    turns_in,
    whole,
)

IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
PDF = "application/pdf"
SIGNATURE, REDACTED = "signature", "redacted"
"""Where the metadata of reasoning keep what the provider takes it back for."""
REMARKS = {
    "text": ("cache_control", "citations"),
    "tool_use": ("cache_control", "caller"),
    "tool_result": ("cache_control",),
    "image": ("cache_control",),
    "document": ("cache_control", "citations", "context"),
}
"""What blocks say besides, and say again."""
OF_SOURCE = {"base64": ("media_type", "data"), "url": ("url",), "file": ("file_id",)}
"""What says where the bytes of a file are, by the type of its source."""
VERBATIM = frozenset(
    {
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "container_upload",
        "search_result",
        "document",
    }
)
"""Blocks that go back as they came: what the provider's own tools did in the turn of the assistant."""


class Anthropic(Format):
    name = "anthropic"
    keys = ("system", "messages")
    starts = frozenset({USER})

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        ids = CallIds(most=64)
        head = list(takewhile(lambda step: step.is_system, steps))
        system = [block for step in head for block in self._blocks(step, ids, notes)]
        messages = [
            message for group in merged(steps[len(head) :]) for message in self._messages(group, ids, notes)
        ]
        return {**({"system": _content(system)} if system else {}), "messages": list(_joined(messages))}

    def expresses(self, piece: Piece, role: str) -> bool:
        match piece:
            case Text():
                return bool(piece.text.strip())
            case Reasoning():
                is_signed = piece.metadata.get(SIGNATURE) or piece.metadata.get(REDACTED)
                return role == ASSISTANT and isinstance(is_signed, str)
            case Call():
                return role == ASSISTANT
            case File():
                return role in (USER, ASSISTANT) and _source(piece) is not None
            case Data():
                return role in (USER, ASSISTANT) and _is_verbatim(piece)
        return isinstance(piece, Result)

    def read(self, given: Given) -> list[Turn]:
        system = given.get("system")
        head = [] if system is None else [_instructions(system, (*BODY, "system"))]
        return [*head, *turns_in(given, "messages", _read_message)]

    def _messages(self, group: Sequence[Step], ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        """What neighbours of one role say, and in one message of the user all that was answered."""
        role = "system" if group[0].is_system else group[0].role
        if blocks := [block for step in group for block in self._blocks(step, ids, notes)]:
            yield {"role": role, "content": blocks}
        if results := [_result_block(ids[call], result) for call, result in group[-1].answered]:
            yield {"role": USER, "content": results}

    def _blocks(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        for piece in self.expressible(step, notes):
            block = _block(piece, ids)
            yield {**block, **_remarks(block["type"], piece)}


def _joined(messages: Iterable[JSONObject]) -> Iterator[JSONObject]:
    """Messages with roles that alternate; a single text stands by itself, without a list."""
    open_one: JSONObject | None = None
    for message in messages:
        if open_one and open_one["role"] == message["role"]:
            open_one["content"] = [*open_one["content"], *message["content"]]
            continue
        if open_one:
            yield {**open_one, "content": _content(open_one["content"])}
        open_one = message
    if open_one:
        yield {**open_one, "content": _content(open_one["content"])}


def _content(blocks: Sequence[JSONObject]) -> object:
    match blocks:
        case [{"type": "text", "text": text, **rest}] if not rest:
            return text
    return [*blocks]


def _block(piece: Piece, ids: CallIds) -> JSONObject:
    match piece:
        case Text():
            return {"type": "text", "text": piece.text}
        case Reasoning(metadata={"redacted": data}):
            return {"type": "redacted_thinking", "data": data}
        case Reasoning():
            return {"type": "thinking", "thinking": piece.text, "signature": piece.metadata[SIGNATURE]}
        case Call():
            return {"type": "tool_use", "id": ids[piece], "name": tool_name(piece), "input": piece.fields}
        case File():
            kind = "image" if piece.is_image else "document"
            named = present({"title": piece.name}) if kind == "document" else {}
            return {"type": kind, "source": _source(piece), **named}
        case Data(data=dict(data)):
            return data
    raise TypeError(type(piece).__name__)


def _remarks(kind: str, piece: Piece) -> JSONObject:
    """What the author of a block has remarked upon it, as far as blocks of this kind may."""
    return {name: piece.metadata[name] for name in REMARKS.get(kind, ()) if name in piece.metadata}


def _result_block(call_id: str, result: Result) -> JSONObject:
    output = result.output if _are_blocks(result.output) else result.text
    about = {"content": output} if output else {}
    flag = {"is_error": True} if result.is_error else {}
    return {"type": "tool_result", "tool_use_id": call_id, **about, **flag, **_remarks("tool_result", result)}


def _are_blocks(value: object) -> bool:
    """Whether an output is a list of blocks as results may hold them."""
    kinds = ("text", "image", "document", "search_result")
    return isinstance(value, list) and all(
        isinstance(item, dict) and item.get("type") in kinds and (item.get("text") or item.get("source"))
        for item in value
    )


def _is_verbatim(piece: Data) -> bool:
    data = piece.data
    return isinstance(data, dict) and data.get("type") == piece.data_type and piece.data_type in VERBATIM


def _source(file: File) -> JSONObject | None:
    """Where the bytes of an image or a document are; None for what the provider takes from nowhere."""
    kind, data = ("image", file.data) if file.is_image else ("document", file.data)
    if data:
        is_taken = data[0] in IMAGES if kind == "image" else data[0] == PDF
        return {"type": "base64", "media_type": data[0], "data": data[1]} if is_taken else None
    if file.file_id:
        return {"type": "file", "file_id": file.file_id}
    is_pdf = kind == "image" or file.mime_type == PDF
    is_public = (file.url or "").startswith(("https://", "http://"))
    return {"type": "url", "url": file.url} if is_pdf and is_public else None


def _instructions(system: object, loc: Loc) -> Turn:
    return Turn(role="system", pieces=tuple(_read_content(system, loc)), loc=loc)


def _read_message(given: object, loc: Loc) -> list[Turn]:
    message = an_object(given, loc)
    role = one_of(message.get("role"), {USER, ASSISTANT, *SYSTEM}, (*loc, "role"))
    pieces = _read_content(message.get("content"), (*loc, "content"))
    return results_first(role, pieces, rest_of(message, "role", "content"))


def _read_content(content: object, loc: Loc) -> Iterator[Piece]:
    if isinstance(content, str):
        yield Text(text=content)
        return
    if not isinstance(content, list):
        raise refused(loc, "Input should be a valid string or list", "string_type")
    for number, item in enumerate(content):
        yield read_item(item, (*loc, number), BLOCKS)


def _thinking(block: Given, loc: Loc) -> Piece:
    text = a_text(block.get("thinking", ""), (*loc, "thinking"))
    return Reasoning(text=text, metadata=rest_of(block, "type", "thinking"))


def _redacted(block: Given, loc: Loc) -> Piece:
    data = a_text(block.get("data"), (*loc, "data"))
    return Reasoning(text="", metadata={REDACTED: data, **rest_of(block, "type", "data")})


def _tool_use(block: Given, loc: Loc) -> Piece:
    name, fields = a_text(block.get("name"), (*loc, "name")), block.get("input")
    return Call(
        name=name,
        id=text_or_none(block, "id", loc),
        arguments=dumps({} if fields is None else fields).decode(),
        metadata=rest_of(block, "type", "id", "name", "input"),
    )


def _tool_result(block: Given, loc: Loc) -> Piece:
    content = block.get("content")
    if not isinstance(content, str | list | None):
        raise refused((*loc, "content"), "Input should be a valid string or list", "string_type")
    return Result(
        id=a_text(block.get("tool_use_id"), (*loc, "tool_use_id")),
        output=content if isinstance(content, list) and content else content or "",
        is_error=is_set(block, "is_error", loc),
        metadata=rest_of(block, "type", "tool_use_id", "content", "is_error"),
    )


def _image(block: Given, loc: Loc) -> Piece:
    return _file(block, loc, "image/*") or whole(block, "image")


def _document(block: Given, loc: Loc) -> Piece:
    title = text_or_none(block, "title", loc)
    return _file(block, loc, PDF, title) or whole(block, "document")


def _file(block: Given, loc: Loc, mime_type: str, title: str | None = None) -> File | None:
    """The file at the source of a block; None for a source that is none of bytes, URL and id."""
    source = an_object(block.get("source"), (*loc, "source"))
    kind = a_text(source.get("type"), (*loc, "source", "type"))
    if kind not in OF_SOURCE:
        return None
    where = {name: a_text(source.get(name), (*loc, "source", name)) for name in OF_SOURCE[kind]}
    if kind == "base64":
        mime_type = where.pop("media_type")
        where = {"url": f"data:{mime_type};base64,{where['data']}"}
    read = ("type", "title") if title else ("type",)
    metadata = rest_of(block, *read, source=("type", *OF_SOURCE[kind]))
    return File(mime_type=mime_type, name=title, metadata=metadata, **where)


BLOCKS: Mapping[str, ReadItem] = {
    "text": read_text,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
    "image": _image,
    "document": _document,
}
