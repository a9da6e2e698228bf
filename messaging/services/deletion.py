"""Deleting messages and conversations with everything below them: each table by a statement of its own."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Case, F, Value, When

from messaging.models import Conversation, Message, MessageQuerySet, Run
from messaging.values.choices import ChangeKind

from .announcing import announce_deleted
from .bulk import BATCH, BulkOutcome, batches, lock_messages
from .clock import now_or_later
from .feedback import remove_feedback
from .memories.cursors import forget_cursors
from .memories.gone import take_memories_along
from .parts import remove_parts
from .recording import change_of, changes_of_messages, record
from .removal import remove_rows
from .retries.answers import forget_answers, forget_answers_of
from .transactions import atomic


def delete_messages(*, workspace_id: str, message_ids: Collection[str]) -> BulkOutcome:
    """Delete these messages with their parts and objects, and count them out of their conversations.

    One transaction. Messages of conversations that runs hold are refused, the others deleted.
    """
    with atomic():
        rows, outcome = lock_messages(workspace_id, message_ids)
        outcome.changed += [row.pk for row in rows]
        messages = Message.objects.for_workspace(workspace_id).filter(pk__in=outcome.changed)
        delete_rows_of_messages(workspace_id, messages)
        note_deleted(workspace_id, rows)
    return outcome


def note_deleted(workspace_id: str, rows: Sequence[Message]) -> None:
    """What follows from the deletion of these messages: answers, counters, changes and the signal."""
    if not rows:
        return
    gone: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        gone[row.conversation_id].append(row.pk)
    forget_answers(workspace_id, gone.keys(), rows)
    _count_out(workspace_id, rows)
    record(*changes_of_messages(ChangeKind.MESSAGES_DELETED, rows))
    for conversation_id, deleted in gone.items():
        announce_deleted(workspace_id, conversation_id, deleted)


def _count_out(workspace_id: str, rows: Iterable[Message]) -> None:
    """Take deleted messages off the counters of their conversations, whose rows are locked."""
    gone = Counter(row.conversation_id for row in rows)
    superseded = Counter(row.conversation_id for row in rows if row.superseded_by)
    counts = {"message_count": gone} | ({"superseded_count": superseded} if superseded else {})
    conversations = Conversation.objects.for_workspace(workspace_id).filter(pk__in=gone)
    less: dict[str, Any] = {name: F(name) - _by_id(count) for name, count in counts.items()}
    conversations.update(**less, updated_at=now_or_later())


def _by_id(counts: Mapping[str, int]) -> Case:
    return Case(*[When(pk=pk, then=Value(count)) for pk, count in counts.items()], default=Value(0))


def delete_locked(workspace_id: str, conversation_ids: Iterable[str]) -> None:
    """Delete these conversations, whose rows are locked, and everything below them."""
    for ids in batches(conversation_ids, BATCH):
        messages = Message.objects.for_workspace(workspace_id).filter(conversation__in=ids)
        delete_rows_of_messages(workspace_id, messages)
        remove_rows(Run.objects.for_workspace(workspace_id).filter(conversation__in=ids))
        remove_rows(Conversation.objects.for_workspace(workspace_id).filter(pk__in=ids))
        forget_cursors(workspace_id, ids)
        forget_answers_of(workspace_id, ids)
        record(*[change_of(ChangeKind.CONVERSATION_DELETED, workspace_id, conversation_id=pk) for pk in ids])
        for pk in ids:
            announce_deleted(workspace_id, pk, None)


def delete_rows_of_messages(workspace_id: str, messages: MessageQuerySet) -> int:
    """Delete these messages with their parts, objects, feedback and what was drawn from them alone; returns
    how many messages there were."""
    take_memories_along(workspace_id, messages)
    remove_parts(workspace_id, messages)
    remove_feedback(workspace_id, messages)
    return remove_rows(messages)
