"""Correcting and deleting messages."""

from collections.abc import Callable, Mapping
from typing import Any

from messaging.exceptions import MessageNotFound
from messaging.models import Message, MessageQuerySet
from messaging.values.choices import ChangeKind

from .announcing import announce_updated
from .clock import later_than
from .deletion import delete_rows_of_messages, note_deleted
from .drafts import checksum_of
from .locks import lock_conversation_of
from .parts import follow_content
from .recording import change_of_messages, record
from .redaction import remarks_upon
from .rows import Version, locked, require_editable, write
from .transactions import atomic

EDITABLE = frozenset(
    ("attachments", "content", "content_dialect", "message_type", "meta_data", "parent_message_id")
    + ("role", "sender_id", "sent_at", "structured_content", "tags", "tool_calls")
)
Changes = Mapping[str, Any] | Callable[[Message], Mapping[str, Any]]


def update_message(
    *,
    workspace_id: str,
    message_id: str,
    changes: Changes,
    conversation_id: str | None = None,
    expected_version: Version | None = None,
) -> Message:
    """Give these fields of a message new values; returns the row as it is now.

    `changes` may be a function, which is called with the locked row and returns them. New `content` takes
    the place of structured content, with the attachments and parts that came of it, unless both are given.
    With `conversation_id` the message is looked for in that conversation alone. The key by which a repeated
    import finds the message stays what it was. Raises MessageNotFound, ConversationLocked, MessageRedacted,
    and ChangedMeanwhile where the row is no longer as `expected_version` says.
    """
    messages = _named(workspace_id, message_id, conversation_id)
    with atomic():
        lock_conversation_of(workspace_id, messages)
        row = locked(messages, MessageNotFound, expected_version)
        given = changes(row) if callable(changes) else changes
        replaces = "content" in given and "structured_content" not in given
        has_parts = row.has_parts or row.structured_content is not None
        _save_changes(row, _checked(row, given))
        if replaces and has_parts:
            follow_content(row)
        record(change_of_messages(ChangeKind.MESSAGES_UPDATED, [row]))
        announce_updated([row], given)
    return row


def delete_message(*, workspace_id: str, message_id: str, conversation_id: str | None = None) -> None:
    """Delete one message and count it out of its conversation.

    With `conversation_id` the message is looked for in that conversation alone. Raises MessageNotFound,
    ConversationLocked.
    """
    messages = _named(workspace_id, message_id, conversation_id)
    with atomic():
        lock_conversation_of(workspace_id, messages)
        rows = list(messages.only("workspace_id", "conversation_id", "seq"))
        if not delete_rows_of_messages(workspace_id, messages):
            raise MessageNotFound
        note_deleted(workspace_id, rows)


def _named(workspace_id: str, message_id: str, conversation_id: str | None) -> MessageQuerySet:
    messages = Message.objects.for_workspace(workspace_id).filter(pk=message_id)
    return messages if conversation_id is None else messages.in_conversation(conversation_id)


def _checked(row: Message, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes and what follows from them. Raises MessageRedacted, TypeError for a field not editable."""
    require_editable(changes, EDITABLE)
    if row.redacted_at is not None:
        return remarks_upon(row, changes)
    if row.structured_content is not None and "content" in changes:  # the attachments were among its items
        return {"structured_content": None, "content_dialect": None, "attachments": None, **changes}
    return changes


def _save_changes(row: Message, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    checksum = checksum_of(row, imported_at=row.sent_at if row.dedup_key else None)
    values = {**changes, "updated_at": later_than(row.updated_at), "checksum": checksum}
    write(Message.objects.for_workspace(row.workspace_id), row, values)
