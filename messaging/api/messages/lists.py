"""What the two lists of messages share: the filters, the orders, and the counters that spare counting."""

from collections.abc import Mapping
from typing import Any

from messaging.api.pages import paginated
from messaging.api.view import MieltoViewSet
from messaging.index.walks import Walk
from messaging.models import Message, kept_message_count, kept_total
from messaging.wire.pagination import Page
from messaging.wire.responses import WireResponse

from .filters import MessageFilter
from .pagination import MessagePagination

LOCKED = "A run holds the conversation"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
"""Description of the 409 of whatever writes messages."""

# The orders that an index has of what a list is narrowed by.
WALKED = {frozenset(): {"created_at"}, frozenset({"conversation_id"}): {"created_at", "seq"}}


class MessageListing(MieltoViewSet):
    queryset = Message.objects.all()
    filterset_class = MessageFilter
    pagination_class = MessagePagination
    tag = "Messages"

    def answer(self, page: Page) -> WireResponse:
        return WireResponse(paginated(page, page.rows), headers=page.headers)

    def walk(self, given: Mapping[str, Any], order_by: str) -> Walk | None:
        narrowed_by = frozenset(given)
        if order_by not in WALKED.get(narrowed_by, ()):
            return None
        return Walk.of_workspace(Message, self.access.workspace_id, **given)

    def kept_count(self, given: Mapping[str, Any]) -> int | None:
        if not given:
            return kept_total(workspace_id=self.access.workspace_id)
        if given.keys() == {"conversation_id"}:
            return self.message_count(given["conversation_id"]) or 0
        return None

    def message_count(self, conversation_id: str) -> int | None:
        """The counter of a conversation; None where there is no such."""
        return kept_message_count(workspace_id=self.access.workspace_id, conversation_id=conversation_id)
