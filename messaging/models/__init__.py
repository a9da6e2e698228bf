"""The tables of the store."""

from .apikey import ApiKey
from .change import Change
from .change_reader import ChangeReader
from .conversation import Conversation, ConversationQuerySet, name_untitled
from .feedback import Feedback
from .idempotency import IdempotencyRecord
from .job import Job
from .membership import Membership
from .memory import Memory, MemoryQuerySet
from .memory_cursor import MemoryCursor
from .memory_dismissal import MemoryDismissal
from .memory_revision import MemoryRevision
from .memory_source import MemorySource
from .message import Message, MessageQuerySet
from .part import Part
from .rate import RateWindow
from .run import Run
from .stored_object import StoredObject
from .totals import kept_total
from .webhook import Webhook, WebhookDelivery
from .workspace import Workspace

__all__ = [
    "ApiKey",
    "Change",
    "ChangeReader",
    "Conversation",
    "ConversationQuerySet",
    "Feedback",
    "IdempotencyRecord",
    "Job",
    "Membership",
    "Memory",
    "MemoryCursor",
    "MemoryDismissal",
    "MemoryQuerySet",
    "MemoryRevision",
    "MemorySource",
    "Message",
    "MessageQuerySet",
    "Part",
    "RateWindow",
    "Run",
    "StoredObject",
    "Webhook",
    "WebhookDelivery",
    "Workspace",
    "kept_total",
    "name_untitled",
]
