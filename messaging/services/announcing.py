"""What the receivers of the public signals are told of messages, once the write is certain."""

from collections.abc import Collection, Sequence

from messaging.models import Change, Message
from messaging.signals import message_updated, messages_created, messages_deleted

from .transactions import send_after_commit


def announce_created(rows: Sequence[Message], change: Change) -> None:
    """`change` is the change that tells of these rows."""
    send_after_commit(
        messages_created,
        Message,
        workspace_id=change.workspace_id,
        conversation_id=change.conversation_id,
        messages=list(rows),
        enable_memories=change.enable_memories,
        imported=change.imported,
        change=change,
    )


def announce_updated(rows: Sequence[Message], changed: Collection[str]) -> None:
    """`changed` are the columns that were given new values."""
    names = sorted(changed)
    for row in rows:
        send_after_commit(message_updated, Message, workspace_id=row.workspace_id, message=row, changed=names)


def announce_deleted(workspace_id: str, conversation_id: str, message_ids: list[str] | None) -> None:
    """None for every message of a conversation that is gone."""
    send_after_commit(
        messages_deleted,
        Message,
        workspace_id=workspace_id,
        conversation_id=conversation_id,
        message_ids=message_ids,
    )
