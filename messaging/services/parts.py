"""The rows of parts: as they are inserted, and as they follow a message that changes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Max

from messaging.content.shapes import PAYLOAD
from messaging.models import Message, Part, StoredObject
from messaging.values.choices import PartType

from .removal import remove_rows

__all__ = ["follow_content", "part_rows", "remove_parts"]

SAME_NAMED = (
    "type",
    "file_id",
    "url",
    "mime_type",
    "detail",
    "data_type",
    "tool_name",
    "tool_call_id",
    "error_text",
    "metadata",
)
"""Fields of a part that are columns of Part under the same name."""
TEXT_COLUMNS = {PartType.TEXT: "text", PartType.TOOL_RESULT: "payload", PartType.TOOL_ERROR: "error_text"}
"""The kinds of parts that make up the content of a message, and the column that holds the text of each."""


def part_rows(message: Message, parts: Sequence[Mapping[str, Any]]) -> list[Part]:
    """The rows of the parts of a message, in their order; a part that has an id keeps it."""
    texts = [part for part in parts if part["type"] == "text"]
    repeats_content = len(texts) == 1 and texts[0]["text"] == message.content
    return [
        _part_row(message, position, part, is_content=repeats_content and part["type"] == "text")
        for position, part in enumerate(parts)
    ]


def follow_content(message: Message) -> None:
    """Let one part carry the new text: the first text, else the first result of a tool, else the first error.

    Further ones of its kind go; calls, reasoning, data and files stay. Items that were sent in place of a
    text are gone, and so are their images. The caller's transaction has changed the content.
    """
    objects = StoredObject.objects.for_workspace(message.workspace_id).of_message(message.pk)
    if not message.has_parts:
        remove_rows(objects)
        return
    parts = Part.objects.for_workspace(message.workspace_id).of_messages([message.pk])
    by_kind: dict[str, list[Part]] = {kind: [] for kind in TEXT_COLUMNS}
    for part in parts.filter(type__in=TEXT_COLUMNS):
        by_kind[part.type].append(part)
    kind = next((kind for kind, found in by_kind.items() if found), None)
    if kind is None:
        _add_text(message, parts)
        return
    first, *further = by_kind[kind]
    parts.filter(pk=first.pk).update(**_carrying(PartType(kind), message.content))
    remove_rows(parts.filter(pk__in=[part.pk for part in further]))
    refs = [part.payload_ref["object_id"] for part in by_kind[kind] if part.payload_ref]
    if refs and kind == PartType.TOOL_RESULT:
        remove_rows(objects.with_ids(refs))


def remove_parts(*, workspace_id: str, message_ids: Collection[str]) -> None:
    """Delete the parts and stored objects of these messages, in the caller's transaction, files after it."""
    remove_rows(Part.objects.for_workspace(workspace_id).filter(message__in=message_ids))
    remove_rows(StoredObject.objects.for_workspace(workspace_id).filter(message__in=message_ids))


def _part_row(message: Message, position: int, part: Mapping[str, Any], *, is_content: bool) -> Part:
    payload = PAYLOAD.get(part["type"])
    is_error = bool(part.get("is_error"))
    given = {"id": part["id"]} if part.get("id") else {}
    return Part(
        **given,
        workspace_id=message.workspace_id,
        message_id=message.pk,
        position=position,
        text=None if is_content else part.get("text"),
        payload=part.get(payload) if payload else None,
        payload_ref=part.get(f"{payload}_ref") if payload else None,
        is_error=is_error,
        failed_at=message.created_at if is_error or part["type"] == PartType.TOOL_ERROR else None,
        **{name: part.get(name) for name in SAME_NAMED},
    )


def _carrying(kind: PartType, content: str) -> dict[str, Any]:
    """The columns of a part that carries the content; a text part that is null repeats it."""
    if kind == PartType.TOOL_RESULT:
        return {"payload": content, "payload_ref": None, "error_text": None}
    return {TEXT_COLUMNS[kind]: None if kind == PartType.TEXT else content}


def _add_text(message: Message, parts: Any) -> None:
    """Behind the parts that there are."""
    last = parts.aggregate(last=Max("position"))["last"]
    if last is not None:
        Part.objects.insert_all(
            [
                Part(
                    workspace_id=message.workspace_id,
                    message_id=message.pk,
                    position=last + 1,
                    type=PartType.TEXT,
                )
            ]
        )
