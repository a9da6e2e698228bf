"""The rows of the store in the vocabulary of threads. The tables are those of `messaging`."""

from datetime import datetime
from typing import Self

from messaging.models import Conversation, ConversationQuerySet, Part

__all__ = ["Part", "Thread"]


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
