"""A conversation as people read a chat: the pages `transcript`, `open` and `whole` of the admin."""

from .answers import answers_to
from .views import MessagePlaces, TranscriptPages

__all__ = ["MessagePlaces", "TranscriptPages", "answers_to"]
