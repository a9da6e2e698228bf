"""What the two lists of messages share: the filters, the orders, and the counters that spare counting."""

from collections.abc import Mapping
from typing import Any

from messaging.api.pages import paginated
from messaging.api.view import MieltoViewSet
from messaging.models import Conversation, Message
from messaging.wire.pagination import Page
from messaging.wire.responses import WireResponse

from .filters import MessageFilter
from .outputs import message_read
from .pagination import MessagePagination

LOCKED = "A run holds the conversation"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
"""Description of the 409 of whatever writes messages."""


class MessageListing(MieltoViewSet):
    queryset = Message.objects.all()
    filterset_class = MessageFilter
    pagination_class = MessagePagination
    tag = "Messages"

    def answer(self, page: Page) -> WireResponse:
        return WireResponse(paginated(page, [message_read(row) for row in page.rows]), headers=page.headers)

    def kept_count(self, given: Mapping[str, Any]) -> int | None:
        conversations = Conversation.objects.for_workspace(self.access.workspace_id)
        if not given:
            return conversations.total_messages()
        if given.keys() == {"conversation_id"}:
            counts = conversations.filter(pk=given["conversation_id"]).values_list("message_count", flat=True)
            return counts.first() or 0
        return None
