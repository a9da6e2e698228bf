"""Deleting what may be large: in batches, so that neither memory nor the collector of Django meets it whole.

A batch still goes through the collector, for a host's own tables may refer to ours.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from django.db.models import Case, F, Value, When

from messaging.models import Conversation, Message
from messaging.signals import messages_deleted

from .answers import forget_answers, forget_answers_of
from .batches import BulkOutcome, lock_messages
from .clock import now_or_later
from .transactions import atomic, send_after_commit

__all__ = ["announce_deleted", "count_out", "delete_locked", "delete_messages"]

ROWS = 1_000
"""About how many messages the collector takes at a time."""

Found = tuple[str, int]
"""A conversation: its id and how many messages it holds."""


def delete_messages(*, workspace_id: str, message_ids: Collection[str]) -> BulkOutcome:
    """Delete these messages with their parts and objects, and count them out of their conversations.

    One transaction. Messages of conversations that runs hold are refused, the others deleted.
    """
    with atomic():
        rows, outcome = lock_messages(workspace_id, message_ids)
        outcome.changed += [row.pk for row in rows]
        Message.objects.for_workspace(workspace_id).filter(pk__in=outcome.changed).delete()
        gone = Counter(row.conversation_id for row in rows)
        forget_answers(workspace_id=workspace_id, conversation_ids=gone, message_ids=outcome.changed)
        count_out(workspace_id, gone)
        for conversation_id in gone:
            ids = [row.pk for row in rows if row.conversation_id == conversation_id]
            announce_deleted(workspace_id, conversation_id, ids)
    return outcome


def count_out(workspace_id: str, gone: Counter[str]) -> None:
    """Take deleted messages off the counters of their conversations, whose rows are locked."""
    if not gone:
        return
    number = Case(*[When(pk=pk, then=Value(count)) for pk, count in gone.items()])
    conversations = Conversation.objects.for_workspace(workspace_id).filter(pk__in=gone)
    conversations.update(message_count=F("message_count") - number, updated_at=now_or_later())


def announce_deleted(workspace_id: str, conversation_id: str, message_ids: list[str] | None) -> None:
    """Send `messages_deleted` after the commit."""
    send_after_commit(
        messages_deleted,
        Message,
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        message_ids=message_ids,
    )


def delete_locked(workspace_id: str, found: Iterable[Found]) -> None:
    """Delete these conversations, whose rows are locked, and everything below them."""
    conversations = Conversation.objects.for_workspace(workspace_id)
    for group in _groups(found):
        for pk, count in group:
            if count > ROWS:
                _delete_messages_of(workspace_id, pk)
        ids = [pk for pk, _ in group]
        conversations.filter(pk__in=ids).delete()
        forget_answers_of(workspace_id=workspace_id, subject_ids=ids)
        for pk, _ in group:
            announce_deleted(workspace_id, pk, None)


def _groups(found: Iterable[Found]) -> Iterator[list[Found]]:
    """Conversations that may go together: about as many as hold `ROWS` messages, and no more of them."""
    group: list[Found] = []
    total = 0
    for pk, count in found:
        if group and (total + count > ROWS or len(group) == ROWS):
            yield group
            group, total = [], 0
        group.append((pk, count))
        total += count
    if group:
        yield group


def _delete_messages_of(workspace_id: str, conversation_id: str) -> None:
    """All messages of a conversation. Walked by number: what is deleted already is not met again."""
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    seq = 0
    while batch := list(messages.filter(seq__gt=seq).order_by("seq").values_list("pk", "seq")[:ROWS]):
        rows = Message.objects.for_workspace(workspace_id).filter(pk__in=[pk for pk, _ in batch])
        # The collector reads what it deletes; keys alone take it two thirds of the time.
        rows.only("pk").delete()
        seq = batch[-1][1]
