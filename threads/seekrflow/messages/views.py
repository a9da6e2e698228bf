"""/v1/threads/{thread_id}/messages"""

from messaging.services import append_message, delete_message, update_message
from messaging.values.choices import Permission
from messaging.wire.operations import operation
from messaging.wire.responses import WireResponse
from threads.seekrflow.threads.outputs import Deleted

from . import examples
from .inputs import MessageUpdateRequest, ThreadMessageRequest
from .lists import ThreadMessageListing
from .outputs import ThreadMessageResponse
from .query import MessagesQuery, PartsQuery

LOCKED = "A run holds the thread"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
NOT_FOUND = "Message not found"
THREAD_NOT_FOUND = "Thread not found"


class ThreadMessageViewSet(ThreadMessageListing):
    tag = "Threads"

    @operation(
        summary="Create message",
        operation_id="create_message_endpoint_v1_threads__thread_id__messages_post",
        permission=Permission.WRITE,
        query=PartsQuery,
        body=ThreadMessageRequest,
        answer=ThreadMessageResponse,
        not_found=THREAD_NOT_FOUND,
        conflict=LOCKED,
        idempotent=True,
        examples=examples.CREATE,
    )
    def create(self, thread_id: str, query: PartsQuery, body: ThreadMessageRequest) -> WireResponse:
        """Store a message at the end of a thread.

        An `id` of your own in the body, as the vendor's client sends it, makes a repeat of the request
        answer the message that the first one stored.
        """
        message = append_message(
            workspace_id=self.access.workspace_id,
            conversation_id=thread_id,
            draft=body.draft(),
            writer=self.writer(),
            client_id=body.client_id(),
        )
        return self.answer_one(message, include_parts=query.include_parts)

    @operation(
        summary="List messages",
        operation_id="list_messages_endpoint_v1_threads__thread_id__messages_get",
        permission=Permission.READ,
        query=MessagesQuery,
        answer=list[ThreadMessageResponse],
        not_found=THREAD_NOT_FOUND,
    )
    def list(self, thread_id: str, query: MessagesQuery) -> WireResponse:
        """The messages of a thread, newest first unless asked otherwise."""
        return self.answer_list(thread_id, query)

    @operation(
        summary="Get message",
        permission=Permission.READ,
        query=PartsQuery,
        answer=ThreadMessageResponse,
        not_found=NOT_FOUND,
    )
    def retrieve(self, thread_id: str, message_id: str, query: PartsQuery) -> WireResponse:
        """One message."""
        return self.answer_stored(thread_id, message_id, include_parts=query.include_parts)

    @operation(
        summary="Update message",
        permission=Permission.WRITE,
        query=PartsQuery,
        body=MessageUpdateRequest,
        answer=ThreadMessageResponse,
        not_found=NOT_FOUND,
        conflict=LOCKED_OR_REDACTED,
        examples=examples.UPDATE,
    )
    def update(
        self, thread_id: str, message_id: str, query: PartsQuery, body: MessageUpdateRequest
    ) -> WireResponse:
        """Replace the content, add keys to the metadata, or both."""
        if not body.changes_something():
            return self.answer_stored(thread_id, message_id, include_parts=query.include_parts)
        message = update_message(
            workspace_id=self.access.workspace_id,
            conversation_id=thread_id,
            message_id=message_id,
            changes=body.changes,
        )
        return self.answer_one(message, include_parts=query.include_parts)

    @operation(
        summary="Delete message",
        permission=Permission.WRITE,
        answer=Deleted,
        not_found=NOT_FOUND,
        conflict=LOCKED,
    )
    def destroy(self, thread_id: str, message_id: str) -> WireResponse:
        """Delete a message with its parts and stored objects."""
        delete_message(
            workspace_id=self.access.workspace_id, conversation_id=thread_id, message_id=message_id
        )
        return WireResponse({"deleted": True})
