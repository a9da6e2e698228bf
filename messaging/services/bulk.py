"""The same change to many rows, in a number of statements that does not depend on how many."""

from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone

from messaging.models import Conversation, Message
from messaging.signals import message_updated
from messaging.values.choices import ConversationStatus

from .batches import BulkOutcome, lock_messages
from .clock import later_than, now_or_later
from .transactions import atomic, send_after_commit


def tag_messages(
    *, workspace_id: str, message_ids: Collection[str], add: Sequence[str] = (), remove: Collection[str] = ()
) -> BulkOutcome:
    """Put tags behind those that these messages have, and take others off.

    One transaction; `message_updated` is sent for each message whose tags are not what they were. Messages of
    conversations that runs hold are refused.
    """
    with atomic():
        rows, outcome = lock_messages(workspace_id, message_ids)
        changed = []
        for row in rows:
            tags = [tag for tag in row.tags or () if tag not in remove]
            tags += [tag for tag in dict.fromkeys(add) if tag not in tags]
            if tags != (row.tags or []):
                row.tags, row.updated_at = tags, later_than(row.updated_at)
                changed.append(row)
        Message.objects.for_workspace(workspace_id).update_each(changed, ("tags", "updated_at"))
        for row in changed:
            send_after_commit(
                message_updated, Message, workspace_id=workspace_id, message=row, changed=["tags"]
            )
        outcome.changed += [row.pk for row in changed]
    return outcome


def set_conversation_status(
    *, workspace_id: str, conversation_ids: Collection[str], status: str
) -> BulkOutcome:
    """Archive, end or reactivate these conversations, as `update_conversation` does one. One transaction."""
    with atomic():
        others = Conversation.objects.for_workspace(workspace_id).filter(pk__in=conversation_ids)
        locked = others.exclude(status=status).order_by("pk").select_for_update().values_list("pk", flat=True)
        outcome = BulkOutcome(changed=list(locked))
        changes: dict[str, Any] = {"status": ConversationStatus(status), "updated_at": now_or_later()}
        if status != ConversationStatus.ARCHIVED:
            changes["ended_at"] = timezone.now() if status == ConversationStatus.ENDED else None
        rows = Conversation.objects.for_workspace(workspace_id).filter(pk__in=outcome.changed)
        rows.update(**changes)
    return outcome
