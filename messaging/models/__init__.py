"""The tables of the store."""

from .apikey import ApiKey
from .change import Change
from .conversation import Conversation, ConversationQuerySet
from .idempotency import IdempotencyRecord
from .job import Job
from .membership import Membership
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
    "Conversation",
    "ConversationQuerySet",
    "IdempotencyRecord",
    "Job",
    "Membership",
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
]
