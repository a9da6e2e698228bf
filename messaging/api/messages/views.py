"""/api/v1/messages"""

from messaging.api.pages import PaginatedResponse, paginated
from messaging.api.view import MieltoViewSet
from messaging.exceptions import MessageNotFound
from messaging.models import Message
from messaging.services import append_messages, create_conversation, delete_message, update_message
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.pagination import Page
from messaging.wire.responses import WireResponse

from . import examples
from .inputs import CreateMessages, MessageUpdate
from .outputs import MessageRead, message_read, message_shown
from .query import MessagePagination, MessagesQuery

NOT_FOUND = "Message not found"
LOCKED = "A run holds the conversation"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
"""Description of the 409 of whatever writes messages."""


class MessageListing(MieltoViewSet):
    """What the two lists of messages share."""

    queryset = Message.objects.all()
    pagination_class = MessagePagination
    tag = "Messages"

    def answer(self, page: Page) -> Payload:
        return WireResponse(paginated(page, [message_shown(row) for row in page.rows]), headers=page.headers)


class MessageViewSet(MessageListing):
    not_found = MessageNotFound

    @operation(
        summary="Create Message",
        operation_id="create_message_api_v1_messages_post",
        permission=Permission.WRITE,
        body=CreateMessages,
        status=201,
        answer=list[MessageRead],
        not_found=NOT_FOUND,
        conflict=LOCKED,
        idempotent=True,
        examples=examples.CREATE,
    )
    def create(self, body: CreateMessages) -> Payload:
        """Store one message or several, all or none, and answer them as a list in the order given.

        Without `conversation_id` a conversation is opened for them. A message with a `created_at` that
        the conversation already holds is answered as it is there, and not stored again.
        """
        drafts, writer = body.drafts(), self.writer(enable_memories=body.enable_memories)
        workspace_id, conversation_id = self.access.workspace_id, body.conversation_id
        rows: list[Message] = []
        if conversation_id is not None:
            rows = append_messages(
                workspace_id=workspace_id, conversation_id=conversation_id, drafts=drafts, writer=writer
            )
        elif drafts:  # an empty list opens nothing: its answer could not name what it opened
            rows = create_conversation(workspace_id=workspace_id, drafts=drafts, writer=writer)[1]
        return [message_read(row) for row in rows]

    @operation(
        summary="List Messages",
        operation_id="list_messages_api_v1_messages_get",
        permission=Permission.READ,
        query=MessagesQuery,
        answer=PaginatedResponse[MessageRead],
        not_found=NOT_FOUND,
    )
    def list(self, query: MessagesQuery) -> Payload:
        """A page of the messages of the workspace, newest first unless asked otherwise."""
        return self.answer(self.page_of(query))

    @operation(summary="Get Message", permission=Permission.READ, answer=MessageRead, not_found=NOT_FOUND)
    def retrieve(self, message_id: str) -> Payload:
        """One message."""
        return message_shown(self.find_row(message_id))

    @operation(
        summary="Update Message",
        permission=Permission.WRITE,
        body=MessageUpdate,
        answer=MessageRead,
        not_found=NOT_FOUND,
        conflict=LOCKED_OR_REDACTED,
        examples=examples.UPDATE,
    )
    def update(self, message_id: str, body: MessageUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        row = update_message(
            workspace_id=self.access.workspace_id, message_id=message_id, changes=body.changes
        )
        return message_read(row)

    @operation(
        summary="Delete Message",
        permission=Permission.WRITE,
        status=204,
        not_found=NOT_FOUND,
        conflict=LOCKED,
    )
    def destroy(self, message_id: str) -> None:
        """Delete one message."""
        delete_message(workspace_id=self.access.workspace_id, message_id=message_id)
