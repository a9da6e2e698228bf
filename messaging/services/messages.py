"""Correcting and deleting messages."""

from collections.abc import Callable, Mapping
from typing import Any

from messaging.content import items_in, without_texts
from messaging.exceptions import MessageNotFound
from messaging.models import Message, MessageQuerySet
from messaging.values.choices import ChangeKind

from .announcing import announce_updated
from .attachments import follow_attachments, settled
from .clock import later_than
from .deletion import delete_rows_of_messages, note_deleted
from .drafts import checksum_of
from .files import written
from .locks import lock_conversation_of, require_unlocked
from .memories.gone import draw_anew
from .objects import NewObjects
from .parts import follow_content
from .recording import change_of_messages, record
from .redaction import remarks_upon
from .rows import Version, differing, locked, require_editable, require_within_limits, write
from .transactions import atomic

EDITABLE = frozenset(
    ("attachments", "content", "content_dialect", "message_type", "meta_data", "parent_message_id")
    + ("role", "sender_id", "sent_at", "structured_content", "tags", "tool_calls")
)
OF_TURNS = frozenset({"role", "tool_calls", "attachments"})
"""What an item that is a message of its own says, too: with a new value the message is that item no more."""
Changes = Mapping[str, Any] | Callable[[Message], Mapping[str, Any]]


def update_message(
    *,
    workspace_id: str,
    message_id: str,
    changes: Changes,
    attachments: list[Any] | None = None,
    conversation_id: str | None = None,
    expected_version: Version | None = None,
) -> Message:
    """Give these fields of a message new values; returns the row as it is now.

    Values that it holds already change nothing, and so no lock of a run refuses them. `changes` may be a
    function, which is called with the locked row and returns them. New `content`, or null for structured
    content, takes the place of structured content, with the attachments and parts that came of it, unless
    both are given. Large texts of new `attachments` leave their row for files.
    With `conversation_id` the message is looked for in that conversation alone. The key by which a repeated
    import finds the message stays what it was. Raises MessageNotFound, ConversationLocked, MessageRedacted,
    and ChangedMeanwhile where the row is no longer as `expected_version` says.
    """
    messages = _named(workspace_id, message_id, conversation_id)
    if not callable(changes):
        attachments = attachments or changes.get("attachments")
    new, stored = NewObjects(workspace_id, message_id), set[str]()
    outsourced = attachments and without_texts(attachments, new.outsourced_text)
    with written(new.files, stored), atomic():
        refusals = lock_conversation_of(workspace_id, message_id)
        row = locked(messages, MessageNotFound, expected_version)
        given = dict(changes(row) if callable(changes) else changes)
        if outsourced:
            given["attachments"] = settled(row, outsourced)
        values, before = _checked(row, given), row.attachments
        if values:
            require_unlocked(refusals)
            _save_changes(row, values)
            if "attachments" in values:
                follow_attachments(row, before, new.files)
                stored.add(row.pk)
            draw_anew(row, values)
            record(change_of_messages(ChangeKind.MESSAGES_UPDATED, [row]))
            announce_updated([row], values)
    return row


def delete_message(*, workspace_id: str, message_id: str, conversation_id: str | None = None) -> None:
    """Delete one message and count it out of its conversation.

    With `conversation_id` the message is looked for in that conversation alone. Raises MessageNotFound,
    ConversationLocked.
    """
    messages = _named(workspace_id, message_id, conversation_id)
    with atomic():
        require_unlocked(lock_conversation_of(workspace_id, message_id))
        rows = list(messages.only("workspace_id", "conversation_id", "seq", "item_id", "superseded_by"))
        if not delete_rows_of_messages(workspace_id, messages):
            raise MessageNotFound
        note_deleted(workspace_id, rows)


def _named(workspace_id: str, message_id: str, conversation_id: str | None) -> MessageQuerySet:
    messages = Message.objects.for_workspace(workspace_id).filter(pk=message_id)
    return messages if conversation_id is None else messages.in_conversation(conversation_id)


def _checked(row: Message, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes and what follows from them. Raises MessageRedacted, InvalidValue, TypeError for a field not
    editable."""
    require_editable(changes, EDITABLE)
    given = differing(row, changes)
    require_within_limits(given)
    if row.redacted_at is not None:
        return differing(row, remarks_upon(row, given))
    if row.structured_content is not None and _is_plain(given):  # the attachments were among its items
        items = {"structured_content": None, "content_dialect": None, "attachments": None}
        return {**differing(row, items), **given}
    if not OF_TURNS.isdisjoint(given) and any(item.is_turn for item in items_in(row.structured_content)):
        return {**differing(row, {"structured_content": None, "content_dialect": None}), **given}
    return given


def _is_plain(changes: Mapping[str, Any]) -> bool:
    """Whether a message is plain text after these changes, whatever it was before."""
    is_told = not changes.keys().isdisjoint({"content", "structured_content"})
    return is_told and changes.get("structured_content") is None


def _save_changes(row: Message, changes: Mapping[str, Any]) -> None:
    was_in_parts = row.has_parts or row.structured_content is not None
    for name, value in changes.items():
        setattr(row, name, value)
    checksum = checksum_of(row, imported_at=row.sent_at if row.dedup_key else None)
    values = {**changes, "updated_at": later_than(row.updated_at), "checksum": checksum}
    if was_in_parts and _is_plain(changes):
        values |= follow_content(row)
    write(Message.objects.for_workspace(row.workspace_id), row, values)
