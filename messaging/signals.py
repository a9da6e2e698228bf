"""Public signals. All carry `workspace_id`.

They are sent after the transaction that wrote has committed; a receiver that raises is logged and does not
undo or fail the write.
"""

from django.dispatch import Signal

__all__ = ["changed", "message_updated", "messages_created", "messages_deleted"]

changed = Signal()
"""`change` (the row of Change, see `messaging.changes`): every write of every kind."""

messages_created = Signal()
"""`conversation_id`, `messages` (the new rows, in order), `enable_memories` (the caller's wish, a bool),
`imported` (whether they are history that was brought in), `change` (the row that tells of them)."""

message_updated = Signal()
"""`message` (the row as it is now), `changed` (names of the fields that were given)."""

messages_deleted = Signal()
"""`conversation_id`, `message_ids`; None stands for every message of a conversation that is gone."""
