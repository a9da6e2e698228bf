"""Messages that take the place of earlier ones: a question edited, an answer generated anew.

What is superseded stays where it stands, and names what took its place. What is left in the list of the
conversation is its current branch. It changes by such a message alone: a deletion brings nothing back.
"""

from django.utils import timezone

from messaging.exceptions import MessageNotFound, MessageSuperseded
from messaging.models import Conversation, Message

from .announcing import announce_updated
from .clock import later_than
from .drafts import ConversationState
from .memories_gone import take_memories_along
from .token_budget import ORDER


def count_superseded(workspace_id: str, conversation_id: str) -> None:
    """Count anew what is superseded in a locked conversation."""
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    number = messages.filter(superseded_by__isnull=False).count()
    conversations = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
    conversations.exclude(superseded_count=number).update(superseded_count=number)


def supersede(state: ConversationState, row: Message, message_id: str | None) -> list[Message]:
    """Let a row that is about to be stored take the place of this message and of all behind it on the current
    branch of a locked conversation; returns those.

    What was drawn from these alone is forgotten. Raises MessageNotFound, and MessageSuperseded for a message
    that is not on that branch any more.
    """
    if message_id is None:
        return []
    messages = Message.objects.for_workspace(state.workspace_id).in_conversation(state.conversation_id)
    first = messages.filter(pk=message_id).first()
    if first is None:
        raise MessageNotFound
    if first.superseded_by:
        raise MessageSuperseded(first.superseded_by)
    behind = messages.current().after(ORDER, (first.created_at, first.seq - 1))
    superseded = list(behind.in_order(ORDER))
    moment = max(timezone.now(), *(later_than(each.updated_at) for each in superseded))
    for each in superseded:
        each.superseded_by, each.updated_at = row.pk, moment
    take_memories_along(state.workspace_id, [each.pk for each in superseded])
    behind.update(superseded_by=row.pk, updated_at=moment)
    announce_updated(superseded, ["superseded_by"])
    return superseded
