"""/openai/v1/threads/{thread_id}/messages"""

from messaging.exceptions import MessageNotFound
from messaging.index.filters import Equal
from messaging.index.listing import Listing
from messaging.models import Message
from messaging.services import append_message, delete_message, update_message
from messaging.services.items import Items
from messaging.values.choices import Permission
from messaging.values.types import JSONObject
from messaging.wire.operations import Payload, operation
from messaging.wire.parameters import filters_of
from threads.openai.items.reading import ReadsItems
from threads.openai.pages import listed
from threads.openai.view import AssistantsViewSet, behind

from .inputs import CreateMessageRequest, ModifyMessageRequest
from .outputs import (
    DeleteMessageResponse,
    ListMessagesResponse,
    MessageObject,
    MessageRow,
    is_shown,
    message_created,
    message_object,
)
from .query import MessagesQuery

LEAST_ROWS = 20
"""So many rows are read at once, for some may not be shown."""
THREAD_NOT_FOUND = "Conversation not found"


class ThreadMessageViewSet(ReadsItems, AssistantsViewSet):
    queryset = Message.objects.all()
    not_found = MessageNotFound

    @operation(
        "Create a thread message",
        Permission.WRITE,
        operation_id="createMessage",
        answer=MessageObject,
        not_found=THREAD_NOT_FOUND,
        idempotent=True,
    )
    def create(self, thread_id: str, body: CreateMessageRequest) -> Payload:
        """Store a message at the end of a thread."""
        row = append_message(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            draft=body.draft(),
            writer=self.writer(),
        )
        return message_created(row, body.item())

    @operation(
        "List thread messages",
        Permission.READ,
        operation_id="listMessages",
        answer=ListMessagesResponse,
        not_found=THREAD_NOT_FOUND,
    )
    def list(self, thread_id: str, query: MessagesQuery) -> Payload:
        """What users and assistants say in a thread, newest first unless asked otherwise. Calls of tools and
        what they answer are steps of runs."""
        filters = (Equal("conversation_id", thread_id), *filters_of(query))
        listing = self.listing_between(query, ("seq",), *filters)
        data, has_more = self._messages(listing, query.limit)
        if not data:
            self.require_thread(thread_id)
        return listed(data, has_more=has_more)

    @operation("Get a thread message", Permission.READ, operation_id="getMessage", answer=MessageObject)
    def retrieve(self, thread_id: str, message_id: str) -> Payload:
        """One message."""
        return self._one(thread_id, message_id)

    @operation(
        "Modify a thread message",
        Permission.WRITE,
        operation_id="modifyMessage",
        answer=MessageObject,
        idempotent=True,
    )
    def update(self, thread_id: str, message_id: str, body: ModifyMessageRequest) -> Payload:
        """Give a message other metadata."""
        update_message(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            message_id=message_id,
            changes=body.changes,
        )
        return self._one(thread_id, message_id)

    @operation(
        "Delete a thread message",
        Permission.WRITE,
        operation_id="deleteMessage",
        answer=DeleteMessageResponse,
    )
    def destroy(self, thread_id: str, message_id: str) -> Payload:
        """Delete a message."""
        delete_message(workspace_id=self.workspace_id, conversation_id=thread_id, message_id=message_id)
        return {"id": message_id, "object": "thread.message.deleted", "deleted": True}

    def _messages(self, listing: Listing, limit: int) -> tuple[Items, bool]:
        """(at most so many messages of a listing that threads show; whether there may be more of them).

        Rows that they do not show are stepped over, page by page.
        """
        data: Items = []
        is_backward, has_more = listing.window.is_backward, True
        while has_more and not data:
            rows, has_more = self.first_rows(MessageRow, listing, max(limit, LEAST_ROWS))
            of_rows, is_cut = self.items_of_rows(rows)
            read, has_more = rows[: len(of_rows)], has_more or is_cut
            pairs = zip(read, of_rows, strict=True)
            data = [message_object(row, items) for row, items in pairs if is_shown(row, items)]
            if read:
                listing = behind(listing, read)
        shown = data[-limit:] if is_backward else data[:limit]
        return shown, has_more or len(data) > limit

    def _one(self, thread_id: str, message_id: str) -> JSONObject:
        """The message of this id. Raises MessageNotFound, for one that threads do not show, too."""
        row = self.find_row(MessageRow, message_id, conversation_id=thread_id)
        [items], _ = self.items_of_rows([row])
        if not is_shown(row, items):
            raise MessageNotFound
        return message_object(row, items)
