"""The store in the Django admin: through the services of the wires, so with the same checksums and counts."""

from .conversations import ConversationAdmin
from .feedback import FeedbackAdmin
from .jobs import JobAdmin
from .keys.api_keys import ApiKeyAdmin
from .memberships import MembershipAdmin
from .memories import MemoryAdmin
from .messages import MessageAdmin
from .objects import StoredObjectAdmin
from .parts import PartAdmin
from .runs import RunAdmin
from .webhooks.deliveries import WebhookDeliveryAdmin
from .webhooks.webhooks import WebhookAdmin
from .workspaces import WorkspaceAdmin

__all__ = [
    "ApiKeyAdmin",
    "ConversationAdmin",
    "FeedbackAdmin",
    "JobAdmin",
    "MembershipAdmin",
    "MemoryAdmin",
    "MessageAdmin",
    "PartAdmin",
    "RunAdmin",
    "StoredObjectAdmin",
    "WebhookAdmin",
    "WebhookDeliveryAdmin",
    "WorkspaceAdmin",
]
