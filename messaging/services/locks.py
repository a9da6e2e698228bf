"""The lock that a run holds on its conversation, as every writer meets it."""

from typing import Any

from messaging.exceptions import ConversationLocked
from messaging.models import Conversation
from messaging.signals import lock_contested

__all__ = ["require_lock"]


def require_lock(*, workspace_id: str, conversation_id: str, holder: str | None, writer: str | None) -> None:
    """Raise ConversationLocked unless the run that writes (None: no run) is the one that holds the lock.

    To be called with the row of the conversation locked, which makes the answer hold until the transaction
    ends. A stale lock is released and is no lock.
    """
    if holder == writer:
        return
    if writer is not None:
        raise ConversationLocked(None)
    if holder and not _is_given_up(workspace_id, conversation_id, holder):
        raise ConversationLocked(holder)


def _is_given_up(workspace_id: str, conversation_id: str, holder: str) -> bool:
    answers: list[tuple[Any, Any]] = lock_contested.send(
        Conversation, workspace_id=workspace_id, conversation_id=conversation_id, run_id=holder
    )
    return any(released is True for _, released in answers)
