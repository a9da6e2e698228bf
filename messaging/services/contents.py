"""When somebody gives a message another text, its parts say it too, so that both wires read the same."""

from typing import Any

from django.db.models import Max

from messaging.models import Message, Part, StoredObject
from messaging.values.choices import PartType

__all__ = ["follow_content"]

SAYING = {PartType.TEXT: "text", PartType.TOOL_RESULT: "payload", PartType.TOOL_ERROR: "error_text"}
"""The kinds of parts that make up the content of a message, and the column in which each says it."""


def follow_content(message: Message) -> None:
    """Let one part say the new text: the first text, else the first result of a tool, else the first error.

    Further ones of its kind go; calls, reasoning, data and files stay. Items that were sent in place of a
    text are gone, and so are their images. To be called in the transaction that changed the content.
    """
    objects = StoredObject.objects.for_workspace(message.workspace_id).of_message(message.pk)
    if message.run_id is None:
        objects.delete()
        return
    parts = Part.objects.for_workspace(message.workspace_id).of_messages([message.pk])
    by_kind: dict[str, list[Part]] = {kind: [] for kind in SAYING}
    for part in parts.filter(type__in=SAYING):
        by_kind[part.type].append(part)
    kind = next((kind for kind, found in by_kind.items() if found), None)
    if kind is None:
        _add_text(message, parts)
        return
    first, *further = by_kind[kind]
    parts.filter(pk=first.pk).update(**_saying(PartType(kind), message.content))
    parts.filter(pk__in=[part.pk for part in further]).delete()
    refs = [part.payload_ref["object_id"] for part in by_kind[kind] if part.payload_ref]
    if refs and kind == PartType.TOOL_RESULT:
        objects.with_ids(refs).delete()


def _saying(kind: PartType, content: str) -> dict[str, Any]:
    """A text part that is null says what the content does."""
    if kind == PartType.TOOL_RESULT:
        return {"payload": content, "payload_ref": None, "error_text": None}
    return {SAYING[kind]: None if kind == PartType.TEXT else content}


def _add_text(message: Message, parts: Any) -> None:
    """Behind the parts that there are; a message without any has its text part derived on read."""
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
