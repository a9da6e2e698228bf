"""What the signals of the store tell of a request."""

from messaging.models import Change
from messaging.values.choices import ChangeKind

from .metrics import count_messages
from .records import current_record

__all__ = ["note_change"]


def note_change(change: Change, **details: object) -> None:
    """Receiver of `changed`: counts messages, and notes which conversation the request is about."""
    if change.kind == ChangeKind.MESSAGES_CREATED:
        count_messages(change.count or 0, imported=change.imported)
    if (record := current_record()) and change.conversation_id:
        record.conversation_id = change.conversation_id
