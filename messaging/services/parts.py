"""The rows of parts: as they are inserted, and as they follow a message that changes."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Max

from messaging.content import (
    Part,
    PartKind,
    part_of,
    part_of_row,
    refs_in,
    results_shown,
    says_failure,
)
from messaging.models import Message, MessageQuerySet, StoredObject
from messaging.models import Part as PartRow
from messaging.models.part import PartQuerySet
from messaging.models.stored_object import StoredObjectQuerySet
from messaging.values.choices import PartType

from .reading import PART_COLUMNS
from .removal import remove_rows
from .transactions import write_database

CONTENT_COLUMNS = {
    name: kind.content_column for name, kind in PartKind.known.items() if kind.content_column is not None
}
"""The kinds of parts that make up the content of a message, and the column that holds the text of each. A new
text is that of the first of them that a message has."""


def part_rows(message: Message, parts: Sequence[Part]) -> list[PartRow]:
    """The rows of the parts of a message, in their order; a part that has an id keeps it."""
    texts = [part for part in parts if part["type"] == PartType.TEXT]
    repeats_content = len(texts) == 1 and texts[0]["text"] == message.content
    return [
        _part_row(message, position, part, is_content=repeats_content and part["type"] == PartType.TEXT)
        for position, part in enumerate(parts)
    ]


FOR_SEARCH = {"has_parts": True}
"""Written again, so that what is searched follows the parts."""


def follow_content(message: Message) -> dict[str, Any]:
    """Let one part carry the new text: the first text, else the first result of a tool, else the first error.

    Further ones of its kind go; calls, reasoning, data and files stay. Items that were sent in place of a
    text are gone, and so are their images. The message holds the new content. Returns the columns of the
    message that rest on its parts, which the caller's transaction writes with the content.
    """
    objects = StoredObject.objects.for_workspace(message.workspace_id).of_message(message.pk)
    if not message.has_parts:
        remove_rows(objects.exclude(pk__in=[ref["object_id"] for ref in refs_in(message.attachments)]))
        return {}
    parts = PartRow.objects.for_workspace(message.workspace_id).of_messages([message.pk])
    carrying = list(parts.filter(type__in=CONTENT_COLUMNS))
    kind = next((kind for kind in CONTENT_COLUMNS if any(part.type == kind for part in carrying)), None)
    if kind is None:
        _add_text(message, parts)
        return FOR_SEARCH
    first, *further = (part for part in carrying if part.type == kind)
    if kind == PartType.TOOL_RESULT:
        _remove_payloads(objects, [first, *further])
    parts.filter(pk=first.pk).update(**_carry(first, message))
    if further:
        remove_rows(parts.filter(pk__in=[part.pk for part in further]))
    return _following(message, [part for part in carrying if part not in further])


def remove_parts(workspace_id: str, messages: MessageQuerySet | Collection[str]) -> None:
    """Delete the parts and stored objects of these messages, in the caller's transaction, files after it."""
    remove_rows(PartRow.objects.for_workspace(workspace_id).filter(message__in=messages))
    remove_rows(StoredObject.objects.for_workspace(workspace_id).filter(message__in=messages))


def _part_row(message: Message, position: int, part: Part, *, is_content: bool) -> PartRow:
    kind = part_of(part)
    columns = {name: part[name] for name in kind.texts}
    if is_content:
        columns["text"] = None
    if part.get("id"):
        columns["id"] = part["id"]
    return PartRow(
        workspace_id=message.workspace_id,
        message_id=message.pk,
        position=position,
        type=kind.type,
        payload=part[kind.payload] if kind.payload else None,
        payload_ref=part[f"{kind.payload}_ref"] if kind.payload else None,
        is_error=bool(part.get("is_error")),
        failed_at=message.created_at if kind.tells_failure else None,
        metadata=part["metadata"],
        **columns,
    )


def _carry(part: PartRow, message: Message) -> dict[str, Any]:
    """Let a part carry the content; returns the columns that change. A text part that is null repeats it."""
    content = message.content
    values: dict[str, Any] = {CONTENT_COLUMNS[part.type]: content}
    if part.type == PartType.TEXT:
        values = {"text": None}
    elif part.type == PartType.TOOL_RESULT:
        failed_at = message.created_at if part.is_error or says_failure(content) else None
        values |= {"payload_ref": None, "error_text": None, "failed_at": failed_at}
    for name, value in values.items():
        setattr(part, name, value)
    return values


def _remove_payloads(objects: StoredObjectQuerySet, parts: Sequence[PartRow]) -> None:
    """Delete those of these objects that hold the values of these parts."""
    if refs := [part.payload_ref["object_id"] for part in parts if part.payload_ref]:
        remove_rows(objects.with_ids(refs))


def _following(message: Message, parts: Sequence[PartRow]) -> dict[str, Any]:
    """What is shown of the results, and what is searched, after these parts, in their order."""
    if message.derived_meta_data is None:
        return FOR_SEARCH
    results = [part for part in parts if part.type != PartType.TEXT]
    kinds = [part_of_row({name: getattr(part, name) for name in PART_COLUMNS}) for part in results]
    return {"derived_meta_data": results_shown(message.role, kinds)}


def _add_text(message: Message, parts: PartQuerySet) -> None:
    """Behind the parts that there are."""
    last = parts.aggregate(last=Max("position"))["last"]
    if last is not None:
        text = PartRow(workspace_id=message.workspace_id, message_id=message.pk, type=PartType.TEXT)
        text.position = last + 1
        text.save(force_insert=True, using=write_database())
