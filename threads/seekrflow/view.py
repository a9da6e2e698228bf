"""What the views of the SeekrFlow wire share."""

from typing import Any

from django.urls import reverse

from messaging.exceptions import ConversationNotFound
from messaging.index.filters import Filter
from messaging.wire.operations import Payload
from messaging.wire.parameters import filters_of
from messaging.wire.responses import listed
from messaging.wire.shapes import Read
from messaging.wire.view import WireViewSet
from threads.models import Thread

from .dialect import SEEKRFLOW
from .pages import ListQuery

THREAD_OBJECT = "thread-object"
"""Name of the route of stored objects."""


class SeekrFlowViewSet(WireViewSet):
    dialect = SEEKRFLOW

    def link(self, object_id: str) -> str:
        """The path under which the client gets a stored object, wherever the host has put this wire."""
        match: Any = self.request.resolver_match
        return reverse(":".join([*match.namespaces, THREAD_OBJECT]), args=[object_id])

    def list_of(self, shape: type[Read], query: ListQuery, *also: Filter) -> Payload:
        """The rows that a query asks for, as the shape shows them."""
        filters, order = (*filters_of(query), *also), query.order_by("created_at", "id")
        rows, further = self.rows_of(shape, self.listing(filters, order, query.window()))
        return listed(rows, further, shape.all_of)

    def require_thread(self, thread_id: str) -> None:
        """Raises ConversationNotFound."""
        self.require(Thread.objects.all(), ConversationNotFound, pk=thread_id)
