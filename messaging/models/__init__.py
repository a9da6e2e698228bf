"""The tables of the store."""

from .apikey import ApiKey
from .conversation import Conversation, ConversationQuerySet, kept_message_count
from .idempotency import IdempotencyRecord
from .membership import Membership
from .message import Message, MessageQuerySet
from .rate import RateWindow
from .totals import kept_conversation_count, kept_total
from .workspace import Workspace

__all__ = [
    "ApiKey",
    "Conversation",
    "ConversationQuerySet",
    "IdempotencyRecord",
    "Membership",
    "Message",
    "MessageQuerySet",
    "RateWindow",
    "Workspace",
    "kept_conversation_count",
    "kept_message_count",
    "kept_total",
]
