"""The messages that answer the tool calls of one, within the margin of a page."""

from messaging.models import Message

from .page import entries_of
from .pieces import Call
from .reader import Reader
from .window import excerpts, window

__all__ = ["answers_to"]


def answers_to(message: Message, reader: Reader) -> list[Message] | None:
    """The messages with results of its calls; None where it calls nothing."""
    messages = Message.objects.for_workspace(message.workspace_id).in_conversation(message.conversation_id)
    near = window(excerpts(messages), at=message.seq, after=1)
    own = [entry for entry in entries_of(near.all, near.rows, reader) if entry.message.pk == message.pk]
    calls = [piece for entry in own for piece in entry.pieces if isinstance(piece, Call)]
    answering = {result.entry.message.pk: result.entry.message for call in calls for result in call.results}
    answering.pop(message.pk, None)
    return list(answering.values()) if calls else None
