from datetime import datetime
from typing import Self

from messaging.models import Conversation, ConversationQuerySet, Message, MessageQuerySet


class ThreadQuerySet(ConversationQuerySet):
    """Conversations in the vocabulary of threads."""

    def created_after(self, moment: datetime) -> Self:
        return self.filter(created_at__gt=moment)

    def created_before(self, moment: datetime) -> Self:
        return self.filter(created_at__lt=moment)


class Thread(Conversation):
    """A conversation as the thread wire speaks of it."""

    objects = ThreadQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True


class ThreadMessageQuerySet(MessageQuerySet):
    """Messages in the vocabulary of threads."""

    def in_thread(self, thread_id: str) -> Self:
        return self.in_conversation(thread_id)


class ThreadMessage(Message):
    """A message as the thread wire speaks of it."""

    objects = ThreadMessageQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
