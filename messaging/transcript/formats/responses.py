"""`responses`: the items of OpenAI's Responses, as `client.responses.create(input=...)` takes them.

What was written as an item goes out as that item. What it means to other formats, `messaging.content` says.
"""

from collections.abc import Iterator, Sequence

from messaging.content.items import item_of
from messaging.content.required import REFERENCE, require_item
from messaging.content.responses import typed
from messaging.services.drafts import LENGTHS
from messaging.transcript.omissions import Omissions
from messaging.transcript.pieces import (
    ASSISTANT,
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
from messaging.transcript.stored import HOSTED, ITEM, pieces_of_item
from messaging.values.types import JSONObject, Loc

from .base import (
    CallIds,
    Format,
    Given,
    an_object,
    refused,
    text_or_none,
    tool_name,
    turns_in,
)

SENT_BACK = "encrypted_content"
"""What makes a thought one that the provider takes back, whoever has kept it."""
MOST_OF_ID = LENGTHS["item_id"]
OUTPUTS = ("function_call_output", "custom_tool_call_output")
CUSTOM = "custom_tool_call"
REFUSED = {
    REFERENCE: "Send the item itself: a reference leads to no item of this conversation",
    "compaction_trigger": "Parley runs no model, so it compacts nothing",
}


class Responses(Format):
    name = "responses"
    keys = ("input",)

    def write(self, steps: Sequence[Step], notes: Omissions) -> JSONObject:
        ids = CallIds(most=64)
        return {"input": [item for step in steps for item in self._items(step, ids, notes)]}

    def expresses(self, piece: Piece, role: str) -> bool:
        match piece:
            case Reasoning():
                item = piece.metadata.get(ITEM)
                return isinstance(item, dict) and bool(item.get(SENT_BACK))
            case File():
                return ITEM in piece.metadata or (role != ASSISTANT and _file(piece) is not None)
            case Data():
                return ITEM in piece.metadata
            case Call():
                return role == ASSISTANT
        return True

    def read(self, given: Given) -> list[Turn]:
        return list(turns_in(given, "input", _read_item))

    def _items(self, step: Step, ids: CallIds, notes: Omissions) -> Iterator[JSONObject]:
        """The items of a step: what is written as one goes out once, with all that it holds."""
        written: list[object] = []
        words: list[Piece] = []
        for piece in self.expressible(step, notes):
            item = piece.metadata.get(ITEM)
            if item is None and isinstance(piece, Text | File):
                words.append(piece)
                continue
            yield from _messages(step.role, words)
            words = []
            if isinstance(piece, Call):
                yield _call(piece, ids)
                yield from _output(ids[piece], piece, step.results.get(piece))
            elif item is not None and not any(item is each for each in written):
                written.append(item)
                yield item
        yield from _messages(step.role, words)


def _messages(role: str, words: Sequence[Piece]) -> Iterator[JSONObject]:
    """Texts and files as messages: those of an assistant one each, for their texts have no parts on input."""
    if role == ASSISTANT:
        yield from (
            {"type": "message", "role": role, "content": w.text} for w in words if isinstance(w, Text)
        )
        return
    match words:
        case []:
            return
        case [Text(text=text)]:
            yield {"type": "message", "role": role, "content": text}
        case _:
            yield {"type": "message", "role": role, "content": [_content(word) for word in words]}


def _content(piece: Piece) -> JSONObject | None:
    match piece:
        case Text():
            return {"type": "input_text", "text": piece.text}
        case File():
            return _file(piece)
    return None


def _file(file: File) -> JSONObject | None:
    """An image or a file as a content takes it; None for one that neither a URL nor an id leads to."""
    if file.is_image and (file.url or file.file_id):
        where = {"image_url": file.url} if file.url else {"file_id": file.file_id}
        return {"type": "input_image", "detail": file.detail or "auto", **where}
    if file.data:
        return {"type": "input_file", "file_data": file.url, **present({"filename": file.name})}
    if file.url:
        return {"type": "input_file", "file_url": file.url}
    return {"type": "input_file", "file_id": file.file_id} if file.file_id else None


def _call(call: Call, ids: CallIds) -> JSONObject:
    item = call.metadata.get(ITEM)
    if isinstance(item, dict):
        return {**item, "call_id": ids[call]} if "call_id" in item else item
    if call.metadata.get("type") == "custom":
        return {"type": CUSTOM, "call_id": ids[call], "name": tool_name(call), "input": call.arguments}
    written = {"name": tool_name(call), "arguments": call.arguments}
    return {"type": "function_call", "call_id": ids[call], **written}


def _output(call_id: str, call: Call, result: Result | None) -> Iterator[JSONObject]:
    """What a call was answered, right behind it: items name no other order of parallel calls."""
    if result is None or _type_of(call) in HOSTED:
        return
    item = result.metadata.get(ITEM)
    if isinstance(item, dict):
        yield {**item, "call_id": call_id} if "call_id" in item or item["type"] in OUTPUTS else item
        return
    is_custom = call.metadata.get("type") == "custom"
    yield {"type": OUTPUTS[is_custom], "call_id": call_id, "output": result.text}


def _type_of(piece: Piece) -> object:
    item = piece.metadata.get(ITEM)
    return item.get("type") if isinstance(item, dict) else None


def _read_item(given: object, loc: Loc) -> Iterator[Turn]:
    """The turn of an item, which keeps it as it was sent. Raises InvalidValue."""
    item = typed({name: value for name, value in an_object(given, loc).items() if value is not None})
    if reason := REFUSED.get(require_item(item, loc)):
        raise refused((*loc, "type"), reason, "invalid_item")
    if len(text_or_none(item, "id", loc) or "") > MOST_OF_ID:
        raise refused((*loc, "id"), f"An id has at most {MOST_OF_ID} characters", "string_too_long")
    yield Turn(role=known_role(item_of(item).role), pieces=tuple(pieces_of_item(item)), item=item)
