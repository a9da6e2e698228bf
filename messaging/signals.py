"""Public signals, sent after the transaction that wrote has committed.

A receiver that raises is logged and does not undo or fail the write. All carry `workspace_id`.
"""

from django.dispatch import Signal

__all__ = ["message_updated", "messages_created", "messages_deleted"]

messages_created = Signal()
"""`conversation_id`, `messages` (the new rows, in order), `enable_memories` (the caller's wish, a bool)."""

message_updated = Signal()
"""`message` (the row as it is now), `changed` (names of the fields that were given)."""

messages_deleted = Signal()
"""`conversation_id`, `message_ids`; None stands for every message of a conversation that is gone."""
