"""Opening and deleting threads."""

from typing import Any

from messaging.models import Conversation
from messaging.services import Writer, create_conversation, delete_conversation

__all__ = ["create_thread", "delete_thread"]


def create_thread(
    *, workspace_id: str, writer: Writer, meta_data: dict[str, Any] | None = None
) -> Conversation:
    """Open an empty thread."""
    thread, _ = create_conversation(workspace_id=workspace_id, writer=writer, meta_data=meta_data or {})
    return thread


def delete_thread(*, workspace_id: str, conversation_id: str) -> None:
    """Delete a thread with its messages, runs and objects, files too. Raises ConversationNotFound."""
    delete_conversation(workspace_id=workspace_id, conversation_id=conversation_id)
