"""The store in the Django admin: through the services of the wires, so with the same checksums and counts."""

from .conversations import ConversationAdmin
from .keys import ApiKeyAdmin
from .memberships import MembershipAdmin
from .messages import MessageAdmin
from .threads import PartAdmin, RunAdmin, StoredObjectAdmin
from .workspaces import WorkspaceAdmin

__all__ = [
    "ApiKeyAdmin",
    "ConversationAdmin",
    "MembershipAdmin",
    "MessageAdmin",
    "PartAdmin",
    "RunAdmin",
    "StoredObjectAdmin",
    "WorkspaceAdmin",
]
