"""The tables of runs, parts and stored objects; conversations and messages under their names as threads."""

from .part import Part
from .run import Run
from .stored_object import StoredObject
from .thread import Thread, ThreadMessage

__all__ = ["Part", "Run", "StoredObject", "Thread", "ThreadMessage"]
