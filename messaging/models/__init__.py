"""The tables of the store."""

from .apikey import ApiKey
from .conversation import Conversation, ConversationQuerySet
from .idempotency import IdempotencyRecord
from .message import Message, MessageQuerySet
from .rate import RateWindow
from .workspace import Workspace

__all__ = [
    "ApiKey",
    "Conversation",
    "ConversationQuerySet",
    "IdempotencyRecord",
    "Message",
    "MessageQuerySet",
    "RateWindow",
    "Workspace",
]
