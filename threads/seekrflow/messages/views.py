"""/v1/threads/{thread_id}/messages"""

from collections.abc import Sequence
from typing import Any

from messaging.exceptions import MessageNotFound
from messaging.index.filters import Equal
from messaging.models import Message
from messaging.services import append_message, delete_message, update_message
from messaging.sql.rows import JSONRow
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.pagination import part_between
from messaging.wire.parameters import filters_of
from threads.models import ThreadMessage
from threads.seekrflow.threads.outputs import Deleted
from threads.seekrflow.view import SeekrFlowViewSet

from .inputs import MessageUpdateRequest, ThreadMessageRequest
from .outputs import ThreadMessageResponse, message_columns, message_row, thread_messages
from .query import MessagesQuery, PartsQuery

LOCKED = "A run holds the thread"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
NOT_FOUND = "Message not found"
THREAD_NOT_FOUND = "Thread not found"
# Ties are broken by seq, so that equal moments never swap a tool call and its result.
ORDER = ("created_at", "seq")


class ThreadMessageListing(SeekrFlowViewSet):
    """What every view that answers messages of threads shares."""

    queryset = ThreadMessage.objects.all()
    not_found = MessageNotFound

    def answer_list(self, thread_id: str, query: MessagesQuery, *also: Equal) -> Payload:
        """The messages that the query asks for. `also` narrows them in place of a parameter of the same
        name."""
        order, ends = query.order_by(*ORDER), {"after": query.after, "before": query.before}
        thread = self.get_queryset().in_thread(thread_id)
        part = part_between(query.window(), thread, order, **ends, unknown=self.not_found)
        replaced = {each.column for each in also}
        asked = (each for each in filters_of(query) if getattr(each, "column", None) not in replaced)
        filters = (Equal("conversation_id", thread_id), *asked, *also)
        columns = message_columns(include_parts=query.include_parts)
        rows = self.rows_of(self.listing(filters, order, part), columns, str)
        if part.is_backward:
            rows.reverse()
        if not rows:  # only then can it be that there is no such thread
            self.require_thread(thread_id)
        return self.rendered(rows, include_parts=query.include_parts)

    def answer_one(self, message: Message, *, include_parts: bool = False) -> Payload:
        row = message_row(message, include_parts=include_parts)
        return self.rendered([row], include_parts=include_parts)[0]

    def answer_stored(self, thread_id: str, message_id: str, *, include_parts: bool) -> Payload:
        """Raises MessageNotFound."""
        row = self.find_in_thread(thread_id, message_id, include_parts=include_parts)
        return self.rendered([row], include_parts=include_parts)[0]

    def rendered(self, rows: Sequence[JSONRow], *, include_parts: bool) -> list[dict[str, Any]]:
        return thread_messages(
            rows, workspace_id=self.workspace_id, link=self.link, include_parts=include_parts
        )

    def find_in_thread(self, thread_id: str, message_id: str, *, include_parts: bool) -> dict[str, Any]:
        """A message of this thread, JSON columns as text. Raises MessageNotFound."""
        columns = message_columns(include_parts=include_parts)
        return self.find_row(message_id, columns, str, conversation_id=thread_id)


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
        return self.answer_one(message, include_parts=query.include_parts)

    @operation(
        "List messages",
        Permission.READ,
        operation_id="list_messages_endpoint_v1_threads__thread_id__messages_get",
        answer=list[ThreadMessageResponse],
        not_found=THREAD_NOT_FOUND,
    )
    def list(self, thread_id: str, query: MessagesQuery) -> Payload:
        """The messages of a thread, newest first unless asked otherwise."""
        return self.answer_list(thread_id, query)

    @operation("Get message", Permission.READ, answer=ThreadMessageResponse)
    def retrieve(self, thread_id: str, message_id: str, query: PartsQuery) -> Payload:
        """One message."""
        return self.answer_stored(thread_id, message_id, include_parts=query.include_parts)

    @operation("Update message", Permission.WRITE, answer=ThreadMessageResponse, conflict=LOCKED_OR_REDACTED)
    def update(
        self, thread_id: str, message_id: str, query: PartsQuery, body: MessageUpdateRequest
    ) -> Payload:
        """Replace the content, add keys to the metadata, or both."""
        if not body.changes_something():
            return self.answer_stored(thread_id, message_id, include_parts=query.include_parts)
        message = update_message(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            message_id=message_id,
            changes=body.changes,
        )
        return self.answer_one(message, include_parts=query.include_parts)

    @operation("Delete message", Permission.WRITE, answer=Deleted, conflict=LOCKED)
    def destroy(self, thread_id: str, message_id: str) -> Payload:
        """Delete a message with its parts and stored objects."""
        delete_message(workspace_id=self.workspace_id, conversation_id=thread_id, message_id=message_id)
        return {"deleted": True}
