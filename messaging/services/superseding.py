"""Messages that take the place of earlier ones: a question edited, an answer generated anew.

What is superseded stays where it stands, and names what took its place. What is left in the list of the
conversation is its current branch. It changes by such a message alone: a deletion brings nothing back.
"""

from django.utils import timezone

from messaging.exceptions import MessageNotFound, MessageSuperseded
from messaging.models import Conversation, Message
from messaging.signals import message_updated

from .announcing import announce_updated
from .clock import later_than
from .drafts import ConversationState
from .memories.gone import take_memories_along
from .token_budget import ORDER


def count_superseded(workspace_id: str, conversation_id: str) -> None:
    """Count anew what is superseded in a locked conversation."""
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    number = messages.filter(superseded_by__isnull=False).count()
    conversations = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
    conversations.exclude(superseded_count=number).update(superseded_count=number)


def supersede(state: ConversationState, row: Message, message_id: str | None) -> dict[str, int]:
    """Let a row that is about to be stored take the place of this message and of all behind it on the current
    branch of a locked conversation; returns the numbers of those by their ids.

    What was drawn from these alone is forgotten. Raises MessageNotFound, and MessageSuperseded for a message
    that is not on that branch any more.
    """
    if message_id is None:
        return {}
    messages = Message.objects.for_workspace(state.workspace_id).in_conversation(state.conversation_id)
    first = messages.filter(pk=message_id).values_list(*ORDER, "superseded_by").first()
    if first is None:
        raise MessageNotFound
    created_at, seq, superseder = first
    if superseder:
        raise MessageSuperseded(superseder)
    behind = messages.current().after(ORDER, (created_at, seq - 1))
    read = list(behind.in_order(ORDER).values_list("pk", "seq", "updated_at"))
    numbers = {pk: number for pk, number, _ in read}
    moment = max(timezone.now(), *(later_than(updated_at) for *_, updated_at in read))
    take_memories_along(state.workspace_id, numbers)
    behind.update(superseded_by=row.pk, updated_at=moment)
    if message_updated.has_listeners(Message):
        announce_updated(list(messages.filter(superseded_by=row.pk).in_order(ORDER)), ["superseded_by"])
    return numbers
