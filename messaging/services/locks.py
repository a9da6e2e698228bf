"""The lock that a run holds on its conversation, as every writer meets it."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from messaging.exceptions import ConversationLocked
from messaging.models import Conversation, Run
from messaging.values.choices import RunStatus

ENDED_AT = {
    RunStatus.COMPLETED: "completed_at",
    RunStatus.FAILED: "failed_at",
    RunStatus.CANCELLED: "cancelled_at",
}


def require_lock(*, workspace_id: str, conversation_id: str, holder: str | None, writer: str | None) -> None:
    """Raise ConversationLocked unless the run that writes (None: no run) is the one that holds the lock.

    The caller holds the row of the conversation, so the answer stays true until the transaction ends. A
    stale lock is released and counts as none.
    """
    if holder == writer:
        return
    if writer is not None:
        raise ConversationLocked(None)
    if holder and not release_if_stale(
        workspace_id=workspace_id, conversation_id=conversation_id, run_id=holder
    ):
        raise ConversationLocked(holder)


def release_if_stale(*, workspace_id: str, conversation_id: str, run_id: str) -> bool:
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
    conversations = Conversation.objects.for_workspace(workspace_id)
    conversations.filter(pk=conversation_id, active_run=run_id).update(active_run=None)
    return True


def end_of_run(status: RunStatus, now: datetime) -> dict[str, Any]:
    """The columns of a run that ends with this status."""
    return {"status": status, ENDED_AT[status]: now}
