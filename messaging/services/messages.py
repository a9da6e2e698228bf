"""Appending, correcting and deleting messages: order, repeated imports and kept counts are decided here."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from messaging.exceptions import ConversationNotFound, MessageNotFound
from messaging.models import Conversation, Message
from messaging.models.fields import fold
from messaging.signals import message_updated, messages_deleted

from .drafts import MessageDraft, Place, Writer, checksum_of, merge_known, rows_for, store
from .transactions import atomic, send_after_commit

__all__ = ["append_messages", "delete_message", "update_message"]

EDITABLE = frozenset(
    {
        "attachments",
        "content",
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


def append_messages(
    *, workspace_id: str, conversation_id: str, drafts: Sequence[MessageDraft], writer: Writer
) -> list[Message]:
    """Store the drafts behind everything the conversation holds, all or none; a row for each, in their order.

    A draft with `created_at` that the conversation already holds is answered by the row that is there
    and not stored again. Raises ConversationNotFound.
    """
    imported = any(draft.created_at for draft in drafts)
    with atomic():
        # How many drafts of an import are new shows only under the lock; live ones all are.
        place = _reserve(workspace_id, conversation_id, 0 if imported else len(drafts))
        rows = rows_for(place, drafts, writer)
        answer, fresh = merge_known(rows, _known(place, rows) if imported else {})
        if imported and fresh:
            place = _reserve(workspace_id, conversation_id, len(fresh))
        store(place, fresh, writer)
    return answer


def update_message(*, workspace_id: str, message_id: str, changes: Mapping[str, Any]) -> Message:
    """Give these fields of a message new values; returns the row as it is now. Raises MessageNotFound.

    The key by which a repeated import finds the message stays what it was.
    """
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"not editable: {', '.join(sorted(unknown))}")
    with atomic():
        try:
            row = Message.objects.for_workspace(workspace_id).select_for_update().get(pk=message_id)
        except Message.DoesNotExist:
            raise MessageNotFound from None
        for name, value in changes.items():
            setattr(row, name, value)
        _save_changes(row, changes)
        send_after_commit(
            message_updated, Message, workspace_id=workspace_id, message=row, changed=sorted(changes)
        )
    return row


def delete_message(*, workspace_id: str, message_id: str) -> None:
    """Delete one message and count it out of its conversation. Raises MessageNotFound."""
    messages = Message.objects.for_workspace(workspace_id).filter(pk=message_id)
    with atomic():
        conversation_id = messages.values_list("conversation_id", flat=True).first()
        if conversation_id is None:
            raise MessageNotFound
        # The conversation is locked before its messages, as everywhere: no two writers wait in a ring.
        conversation = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
        conversation.update(message_count=F("message_count") - 1, updated_at=_now_or_later())
        if not messages.delete()[0]:
            raise MessageNotFound
        send_after_commit(
            messages_deleted,
            Message,
            workspace_id=workspace_id,
            conversation_id=conversation_id,
            message_ids=[message_id],
        )


def _reserve(workspace_id: str, conversation_id: str, count: int) -> Place:
    """Lock the conversation and take the next `count` numbers.

    One statement for existence, tenant, order and count. Raises ConversationNotFound.
    """
    changes: dict[str, Any] = {"last_seq": F("last_seq") + count}
    if count:
        changes |= {"message_count": F("message_count") + count, "updated_at": _now_or_later()}
    rows = (
        Conversation.objects.for_workspace(workspace_id)
        .filter(pk=conversation_id)
        .update_returning(("last_seq", "updated_at", "user_id", "owner_id"), **changes)
    )
    if not rows:
        raise ConversationNotFound
    last_seq, updated_at, user_id, owner_id = rows[0]
    clock = updated_at if count else max(updated_at, timezone.now())
    return Place(workspace_id, conversation_id, last_seq, clock, user_id, owner_id)


def _now_or_later() -> Greatest:
    """Now, by the clock of this machine or of the last writer's, whichever is ahead."""
    return Greatest(F("updated_at"), Value(timezone.now(), output_field=DateTimeField()))


def _known(place: Place, rows: Sequence[Message]) -> dict[str, Message]:
    """The stored messages of this conversation that some of these rows repeat, by dedup key."""
    keys = [row.dedup_key for row in rows if row.dedup_key]
    stored = Message.objects.for_workspace(place.workspace_id).in_conversation(place.conversation_id)
    return {row.dedup_key: row for row in stored.filter(dedup_key__in=keys) if row.dedup_key}


def _save_changes(row: Message, changes: Mapping[str, Any]) -> None:
    row.updated_at = timezone.now()
    row.checksum = checksum_of(row, imported_at=row.created_at if row.dedup_key else None)
    derived = {"updated_at": row.updated_at, "checksum": row.checksum, "search_text": fold(row.content)}
    Message.objects.for_workspace(row.workspace_id).filter(pk=row.pk).update(**changes, **derived)
