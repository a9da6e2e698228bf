"""/v1/threads/{thread_id}/messages"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from messaging.exceptions import MessageNotFound
from messaging.index.filters import Equal
from messaging.models import Message
from messaging.services import append_message, delete_message, update_message
from messaging.services.reading import PartsTooLarge
from messaging.sql.rows import JSONRow
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.pagination import part_between
from messaging.wire.parameters import filters_of
from messaging.wire.responses import InPieces, led_by
from threads.seekrflow.threads.outputs import Deleted
from threads.seekrflow.view import SeekrFlowViewSet

from .inputs import MessageUpdateRequest, ThreadMessageRequest
from .outputs import ThreadMessageResponse, message_row, thread_messages
from .query import MessagesQuery, PartsQuery

LOCKED = "A run holds the thread"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
THREAD_NOT_FOUND = "Thread not found"
# Ties are broken by seq, so that equal moments never swap a tool call and its result.
ORDER = ("created_at", "seq")


class ThreadMessageListing(SeekrFlowViewSet):
    """What every view that answers messages of threads shares."""

    queryset = Message.objects.all()
    not_found = MessageNotFound

    def list_in(self, thread_id: str, query: MessagesQuery, *also: Equal) -> Payload:
        """The messages that a query asks for; `also` takes the place of its parameters of the same names."""
        replaced = {each.column for each in also}
        asked = (each for each in filters_of(query) if each.column not in replaced)
        listing = self.listing((Equal("conversation_id", thread_id), *asked, *also), query.order_by(*ORDER))
        ends = {"after": query.after, "before": query.before}
        part = part_between(query.window(), listing, **ends, unknown=self.not_found)
        rows, further = self.rows_of(query.shape, replace(listing, window=part))
        if not rows:  # only then can it be that there is no such thread
            self.require_thread(thread_id)
        pieces = chain.from_iterable(self._pieces(some, query) for some in led_by(rows, further or ()))
        first = next(pieces)
        return first if further is None and len(first) == len(rows) else InPieces(led_by(first, pieces))

    def _pieces(self, rows: Sequence[JSONRow], query: PartsQuery) -> Iterator[list[dict[str, Any]]]:
        """The messages, so many at once as have parts that an answer holds."""
        try:
            yield self.rendered(rows, query)
        except PartsTooLarge:
            half = len(rows) // 2
            yield from self._pieces(rows[:half], query)
            yield from self._pieces(rows[half:], query)

    def one(self, message: Message | JSONRow, query: PartsQuery) -> Payload:
        row = message_row(message, query.shape) if isinstance(message, Message) else message
        return self.rendered([row], query)[0]

    def rendered(self, rows: Sequence[JSONRow], query: PartsQuery) -> list[dict[str, Any]]:
        include_parts, workspace_id = query.include_parts, self.workspace_id
        return thread_messages(rows, workspace_id=workspace_id, link=self.link, include_parts=include_parts)


class ThreadMessageViewSet(ThreadMessageListing):
    tag = "Threads"

    @operation(
        "Create message",
        Permission.WRITE,
        operation_id="create_message_endpoint_v1_threads__thread_id__messages_post",
        answer=ThreadMessageResponse,
        not_found=THREAD_NOT_FOUND,
        conflict=LOCKED,
        idempotent=True,
    )
    def create(self, thread_id: str, query: PartsQuery, body: ThreadMessageRequest) -> Payload:
        """Store a message at the end of a thread.

        An `id` of your own in the body, as the vendor's client sends it, makes a repeat of the request
        answer the message that the first one stored.
        """
        message = append_message(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            draft=body.draft(),
            writer=self.writer(),
            client_id=body.client_id(),
        )
        return self.one(message, query)

    @operation(
        "List messages",
        Permission.READ,
        operation_id="list_messages_endpoint_v1_threads__thread_id__messages_get",
        answer=list[ThreadMessageResponse],
        not_found=THREAD_NOT_FOUND,
    )
    def list(self, thread_id: str, query: MessagesQuery) -> Payload:
        """The messages of a thread, newest first unless asked otherwise."""
        return self.list_in(thread_id, query)

    @operation(
        "Get message", Permission.READ, operation_id="get_thread_message", answer=ThreadMessageResponse
    )
    def retrieve(self, thread_id: str, message_id: str, query: PartsQuery) -> Payload:
        """One message."""
        return self.one(self.find_row(query.shape, message_id, conversation_id=thread_id), query)

    @operation(
        "Update message",
        Permission.WRITE,
        operation_id="update_thread_message",
        answer=ThreadMessageResponse,
        conflict=LOCKED_OR_REDACTED,
    )
    def update(
        self, thread_id: str, message_id: str, query: PartsQuery, body: MessageUpdateRequest
    ) -> Payload:
        """Replace the content, add keys to the metadata, or both."""
        message = update_message(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            message_id=message_id,
            changes=body.changes,
        )
        return self.one(message, query)

    @operation(
        "Delete message",
        Permission.WRITE,
        operation_id="delete_thread_message",
        answer=Deleted,
        conflict=LOCKED,
    )
    def destroy(self, thread_id: str, message_id: str) -> Payload:
        """Delete a message with its parts and stored objects."""
        delete_message(workspace_id=self.workspace_id, conversation_id=thread_id, message_id=message_id)
        return {"deleted": True}
