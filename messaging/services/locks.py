"""The lock of a conversation, its row, and the lock that a run holds on it, as every writer meets them.

Whoever writes a message holds its conversation, so the messages themselves need no lock. Conversations are
locked before their messages and runs, and always in the same order, so that no two writers wait in a ring.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from messaging.exceptions import ConversationLocked
from messaging.models import Conversation, Message, MessageQuerySet, Run
from messaging.sql.statements import Statement
from messaging.values.choices import ChangeKind, RunStatus

from .recording import Told, change_of, record
from .transactions import write_database

ENDED_AT = {
    RunStatus.COMPLETED: "completed_at",
    RunStatus.FAILED: "failed_at",
    RunStatus.CANCELLED: "cancelled_at",
}
KINDS = {
    RunStatus.QUEUED: ChangeKind.RUN_CREATED,
    RunStatus.RUNNING: ChangeKind.RUN_STARTED,
    RunStatus.COMPLETED: ChangeKind.RUN_COMPLETED,
    RunStatus.FAILED: ChangeKind.RUN_FAILED,
    RunStatus.CANCELLED: ChangeKind.RUN_CANCELLED,
}
LOCK_OF_MESSAGE = Statement(
    """
SELECT {columns} FROM {conversations} WHERE workspace_id = %s AND id = (
  SELECT conversation_id FROM {messages} WHERE workspace_id = %s AND id = %s
) {for_update}""",
    columns=("id", "active_run"),
    conversations=Conversation,
    messages=Message,
)
Refusals = Mapping[str, ConversationLocked | None]
"""Why a conversation takes no writer but the run that holds it, by id."""


def lock_conversation_of(workspace_id: str, message_id: str) -> Refusals:
    """Lock the conversation of this message, if there is one."""
    rows = LOCK_OF_MESSAGE.rows(write_database(), [workspace_id, workspace_id, message_id])
    return {pk: _refusal(workspace_id, pk, holder, None) for pk, holder in rows}


def lock_conversations_of(workspace_id: str, messages: MessageQuerySet) -> Refusals:
    """The same of several messages."""
    conversations = Conversation.objects.for_workspace(workspace_id)
    rows = conversations.filter(pk__in=messages.order_by().values("conversation_id")).order_by("pk")
    held = rows.select_for_update().values_list("pk", "active_run")
    return {pk: _refusal(workspace_id, pk, holder, None) for pk, holder in held}


def require_unlocked(refusals: Refusals) -> None:
    """Raise the first refusal."""
    for error in filter(None, refusals.values()):
        raise error


def require_lock(workspace_id: str, conversation_id: str, holder: str | None, writer: str | None) -> None:
    """Raise ConversationLocked unless the run that writes (None: no run) is the one that holds the lock.

    The caller holds the row of the conversation, so the answer stays true until the transaction ends. A
    stale lock is released and counts as none.
    """
    if refusal := _refusal(workspace_id, conversation_id, holder, writer):
        raise refusal


def _refusal(
    workspace_id: str, conversation_id: str, holder: str | None, writer: str | None
) -> ConversationLocked | None:
    if holder == writer:
        return None
    if writer is not None:
        return ConversationLocked(None)
    if not holder or release_if_stale(workspace_id, conversation_id, holder):
        return None
    return ConversationLocked(holder)


def release_if_stale(workspace_id: str, conversation_id: str, run_id: str) -> bool:
    """Unlock the conversation unless this run is active and within its time; whether it is free now.

    A run that is past its time fails. A lock that names a run which has ended, or none, locks nothing: no
    later write could release it. The caller holds the row of the conversation.
    """
    now = timezone.now()
    runs = Run.objects.for_workspace(workspace_id).in_conversation(conversation_id).filter(pk=run_id)
    run = runs.first()
    if run is not None and run.is_active:
        if run.expires_at > now:
            return False
        runs.update(**end_of_run(RunStatus.FAILED, now))
        record(change_of_run(run, RunStatus.FAILED))
    unlock(workspace_id, conversation_id, run_id)
    return True


def unlock(workspace_id: str, conversation_id: str, run_id: str) -> None:
    """Take the lock of this run off its conversation."""
    conversations = Conversation.objects.for_workspace(workspace_id)
    conversations.filter(pk=conversation_id, active_run=run_id).update(active_run=None)


def change_of_run(run: Run, status: str | None = None) -> Told:
    """The change of a run that came to this status; None where its status stayed."""
    kind = KINDS[RunStatus(status)] if status else ChangeKind.RUN_UPDATED
    return change_of(kind, run.workspace_id, conversation_id=run.conversation_id, run_id=run.pk)


def end_of_run(status: RunStatus, now: datetime) -> dict[str, Any]:
    """The columns of a run that ends with this status."""
    return {"status": status, ENDED_AT[status]: now}
