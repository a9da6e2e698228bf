"""A conversation as people read a chat: the pages `transcript`, `open` and `whole` of the admin."""

from .page import answers_to, calls_of
from .pages import MessagePages, TranscriptPages

__all__ = ["MessagePages", "TranscriptPages", "answers_to", "calls_of"]
