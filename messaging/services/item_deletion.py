"""Deleting one item of a message that is several: its other items stay."""

from collections.abc import Mapping, Sequence
from typing import Any

from messaging.content import Part, part_of, refs_in, results_shown, text_of
from messaging.content.responses import grouped, is_item, items_of_message
from messaging.exceptions import ItemNotFound, MessageNotFound
from messaging.models import Message, StoredObject
from messaging.models import Part as PartRow
from messaging.values.choices import ChangeKind

from .announcing import announce_updated
from .clock import later_than
from .deletion import delete_rows_of_messages, note_deleted
from .drafts import checksum_of
from .items import ITEMS_READ_FROM
from .locks import lock_conversation_of, require_unlocked
from .reading import parts_of_messages
from .recording import change_of_messages, record
from .removal import remove_rows
from .retries.answers import forget_answers
from .rows import locked, write
from .transactions import atomic

Parts = Sequence[Part]


def delete_item(*, workspace_id: str, conversation_id: str, message_id: str, item_id: str) -> None:
    """Delete the item of this id of a message, and with the last one the message.

    Raises MessageNotFound, ItemNotFound, ConversationLocked.
    """
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    messages = messages.filter(pk=message_id)
    with atomic():
        require_unlocked(lock_conversation_of(workspace_id, message_id))
        row = locked(messages, MessageNotFound)
        parts = parts_of_messages([row], workspace_id=workspace_id, link=str)[row.pk]
        number, count = _number_of(row, parts, item_id)
        if count == 1:
            delete_rows_of_messages(workspace_id, messages)
            note_deleted(workspace_id, [row])
        else:
            _take_out(row, parts, number)


def _number_of(row: Message, parts: Parts, item_id: str) -> tuple[int, int]:
    """(place of the item, how many there are). Raises ItemNotFound."""
    columns = {name: getattr(row, name) for name in ITEMS_READ_FROM}
    ids = [item["id"] for item in items_of_message(columns, () if is_item(columns) else parts)]
    if item_id not in ids:
        raise ItemNotFound
    return ids.index(item_id), len(ids)


def _take_out(row: Message, parts: Parts, number: int) -> None:
    _, gone = grouped(row.role, parts)[number]
    ids = {part["id"] for part in gone}
    left = [part for part in parts if part["id"] not in ids]
    values = _of_parts(row, left, gone) if row.has_parts else _of_columns(row, parts, left, gone)
    if row.has_parts:
        _remove_rows_of(row, gone, values)
    for name, value in values.items():
        setattr(row, name, value)
    checksum = checksum_of(row, imported_at=row.sent_at if row.dedup_key else None)
    follows = {"checksum": checksum, "updated_at": later_than(row.updated_at)}
    write(Message.objects.for_workspace(row.workspace_id), row, values | follows)
    forget_answers(row.workspace_id, [row.conversation_id], [row])
    record(change_of_messages(ChangeKind.MESSAGES_UPDATED, [row]))
    announce_updated([row], values)


def _of_parts(row: Message, left: Parts, gone: Parts) -> dict[str, Any]:
    """The columns of a message whose parts are rows, without these parts."""
    kinds = [part_of(part) for part in left]
    values: dict[str, Any] = {"derived_meta_data": results_shown(row.role, kinds)}
    if any(part_of(part).text is not None for part in gone):
        values["content"] = text_of(kinds)
    if any(part["type"] == "tool-call" for part in gone):
        values["tool_calls"] = [call for kind in kinds if (call := kind.call)] or None
    if any(part["type"] == "file" for part in gone):
        values["attachments"] = [file for kind in kinds for file in kind.attachments] or None
    return values


def _of_columns(row: Message, parts: Parts, left: Parts, gone: Parts) -> dict[str, Any]:
    """The same of a message whose parts are derived from its columns."""
    kept = {part["id"] for part in left}
    if any(part["type"] == "tool-call" for part in gone):
        listed = row.tool_calls if isinstance(row.tool_calls, list) else [row.tool_calls]
        called = [part for part in parts if part["type"] in ("tool-call", "data")][-len(listed) :]
        stay = [call for call, part in zip(listed, called, strict=False) if part["id"] in kept]
        return {"tool_calls": stay or None}
    if any(part["type"] == "tool-result" for part in gone):
        results = (row.derived_meta_data or {}).get("tool_results", [])
        answered = [part for part in parts if part["type"] == "tool-result"]
        stay = [each for each, part in zip(results, answered, strict=False) if part["id"] in kept]
        texts = [each["output"] for each in stay]
        return {"derived_meta_data": {"tool_results": stay}, "content": "\n".join(texts)}
    nothing = {"structured_content": None, "content_dialect": None, "attachments": None}
    return {"content": "", **nothing}


def _remove_rows_of(row: Message, gone: Parts, values: Mapping[str, Any]) -> None:
    """Delete these parts and what they keep outside. A text that repeats the content gets words of its own
    where that changes."""
    rows = PartRow.objects.for_workspace(row.workspace_id).of_messages([row.pk])
    remove_rows(rows.filter(pk__in=[part["id"] for part in gone]))
    if values.get("content", row.content) != row.content:
        rows.filter(type="text", text=None).update(text=row.content)
    if objects := [ref["object_id"] for ref in refs_in(list(gone))]:
        stored = StoredObject.objects.for_workspace(row.workspace_id).of_message(row.pk)
        remove_rows(stored.with_ids(objects))
