"""Public signals. All carry `workspace_id`.

They are sent after the transaction that wrote has committed; a receiver that raises is logged and does not
undo or fail the write. Who listens is cached by sender, since every write asks for it.
"""

from django.dispatch import Signal

__all__ = ["changed", "message_updated", "messages_created", "messages_deleted"]

changed = Signal(use_caching=True)
"""`change` (the row of Change, see `messaging.changes`): every write of every kind."""

messages_created = Signal(use_caching=True)
"""`conversation_id`, `messages` (the new rows, in order), `enable_memories` (the caller's wish, a bool),
`imported` (whether they are history that was brought in), `change` (the row that tells of them)."""

message_updated = Signal(use_caching=True)
"""`message` (the row as it is now), `changed` (names of the fields that were given)."""

messages_deleted = Signal(use_caching=True)
"""`conversation_id`, `message_ids`; None stands for every message of a conversation that is gone."""
