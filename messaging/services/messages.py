"""Correcting and deleting messages."""

from collections.abc import Callable, Mapping
from typing import Any

from messaging.exceptions import MessageNotFound
from messaging.models import Conversation, Message
from messaging.signals import message_updated
from messaging.sql.derived import derived_columns

from .clock import later_than
from .deletion import delete_rows_of_messages, note_deleted
from .drafts import checksum_of
from .editable import require_editable
from .locks import require_lock
from .parts import follow_content
from .redaction import remarks_upon
from .transactions import atomic, send_after_commit
from .versions import Version, require_version

EDITABLE = frozenset(
    {
        "attachments",
        "content",
        "content_dialect",
        "message_type",
        "meta_data",
        "parent_message_id",
        "role",
        "sender_id",
        "sent_at",
        "structured_content",
        "tags",
        "tool_calls",
    }
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
    with atomic():
        _lock_conversation_of(workspace_id, message_id, conversation_id)
        try:
            row = Message.objects.for_workspace(workspace_id).select_for_update().get(pk=message_id)
        except Message.DoesNotExist:
            raise MessageNotFound from None
        require_version(row, expected_version)
        given = changes(row) if callable(changes) else changes
        replaces = "content" in given and "structured_content" not in given
        has_parts = row.has_parts or row.structured_content is not None
        _save_changes(row, _checked(row, given))
        if replaces and has_parts:
            follow_content(row)
        send_after_commit(
            message_updated, Message, workspace_id=workspace_id, message=row, changed=sorted(given)
        )
    return row


def delete_message(*, workspace_id: str, message_id: str, conversation_id: str | None = None) -> None:
    """Delete one message and count it out of its conversation.

    With `conversation_id` the message is looked for in that conversation alone. Raises MessageNotFound,
    ConversationLocked.
    """
    with atomic():
        conversation_id = _lock_conversation_of(workspace_id, message_id, conversation_id)
        messages = Message.objects.for_workspace(workspace_id).filter(pk=message_id)
        if not delete_rows_of_messages(workspace_id, messages):
            raise MessageNotFound
        note_deleted(workspace_id, {conversation_id: [message_id]})


def _checked(row: Message, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes and what follows from them. Raises MessageRedacted, TypeError for a field not editable."""
    require_editable(changes, EDITABLE)
    if row.redacted_at is not None:
        return remarks_upon(row, changes)
    if row.structured_content is not None and "content" in changes:  # the attachments were among its items
        return {"structured_content": None, "content_dialect": None, "attachments": None, **changes}
    return changes


def _lock_conversation_of(workspace_id: str, message_id: str, conversation_id: str | None) -> str:
    """Lock the conversation of a message; returns its id. Raises MessageNotFound, ConversationLocked.

    The conversation is locked before its messages, as everywhere, so that no two writers wait in a ring.
    """
    messages = Message.objects.for_workspace(workspace_id).filter(pk=message_id)
    if conversation_id is not None:
        messages = messages.in_conversation(conversation_id)
    conversations = Conversation.objects.for_workspace(workspace_id)
    locked = (
        conversations.filter(pk__in=messages.values("conversation_id"))
        .select_for_update()
        .values_list("pk", "active_run")
        .first()
    )
    if locked is None:
        raise MessageNotFound
    require_lock(workspace_id=workspace_id, conversation_id=locked[0], holder=locked[1], writer=None)
    return locked[0]


def _save_changes(row: Message, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.updated_at = later_than(row.updated_at)
    row.checksum = checksum_of(row, imported_at=row.sent_at if row.dedup_key else None)
    derived = {"updated_at": row.updated_at, "checksum": row.checksum, **derived_columns(row, changes)}
    Message.objects.for_workspace(row.workspace_id).filter(pk=row.pk).update(**changes, **derived)
