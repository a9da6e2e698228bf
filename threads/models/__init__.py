"""The rows of the store in the vocabulary of threads. The tables are those of `messaging`."""

from messaging.models import Part

from .thread import Thread, ThreadMessage

__all__ = ["Part", "Thread", "ThreadMessage"]
