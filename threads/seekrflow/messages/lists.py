"""What every view that answers messages of threads shares."""

from collections.abc import Mapping, Sequence
from typing import Any

from messaging.exceptions import MessageNotFound
from messaging.index.filters import Equal
from messaging.index.plan import plan
from messaging.models import Message
from messaging.sql.rows import json_rows
from messaging.wire.pagination import part_between
from messaging.wire.parameters import filters_of
from messaging.wire.responses import WireResponse
from threads.models import ThreadMessage
from threads.seekrflow.view import SeekrFlowViewSet

from .outputs import message_columns, message_row, thread_messages
from .query import MessagesQuery

# Ties are broken by seq, so that equal moments never swap a tool call and its result.
ORDER = ("created_at", "seq")


class ThreadMessageListing(SeekrFlowViewSet):
    queryset = ThreadMessage.objects.all()
    not_found = MessageNotFound

    def answer_list(self, thread_id: str, query: MessagesQuery, *also: Equal) -> WireResponse:
        """The messages that the query asks for. `also` narrows them in place of a parameter of the same
        name."""
        order, ends = query.order_by(*ORDER), {"after": query.after, "before": query.before}
        thread = self.get_queryset().in_thread(thread_id)
        part = part_between(query.window(), thread, order, **ends, unknown=self.not_found)
        replaced = {each.column for each in also}
        asked = (each for each in filters_of(query) if getattr(each, "column", None) not in replaced)
        filters = (Equal("conversation_id", thread_id), *asked, *also)
        columns = message_columns(include_parts=query.include_parts)
        rows = plan(self.listing(filters, order)).at(part).rows(columns, read=str)
        if part.is_backward:
            rows.reverse()
        if not rows:  # only then can it be that there is no such thread
            self.require_thread(thread_id)
        return WireResponse(self.rendered(rows, include_parts=query.include_parts))

    def answer_one(self, message: Message, *, include_parts: bool = False) -> WireResponse:
        row = message_row(message, include_parts=include_parts)
        return WireResponse(self.rendered([row], include_parts=include_parts)[0])

    def answer_stored(self, thread_id: str, message_id: str, *, include_parts: bool) -> WireResponse:
        """Raises MessageNotFound."""
        row = self.find_in_thread(thread_id, message_id, include_parts=include_parts)
        return WireResponse(self.rendered([row], include_parts=include_parts)[0])

    def rendered(self, rows: Sequence[Mapping[str, Any]], *, include_parts: bool) -> list[dict[str, Any]]:
        return thread_messages(
            rows, workspace_id=self.access.workspace_id, link=self.link, include_parts=include_parts
        )

    def find_in_thread(self, thread_id: str, message_id: str, *, include_parts: bool) -> dict[str, Any]:
        """A message of this thread, JSON columns as text. Raises MessageNotFound."""
        found = self.get_queryset().in_thread(thread_id).filter(pk=message_id)
        rows = json_rows(found, message_columns(include_parts=include_parts), read=str)
        if not rows:
            raise self.not_found
        return rows[0]
