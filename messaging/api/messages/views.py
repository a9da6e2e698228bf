"""/api/v1/messages"""

from messaging.api.pages import PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import MessageNotFound
from messaging.models import Message
from messaging.services import append_messages, create_conversation, delete_message, update_message
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation

from .inputs import CreateMessages, MessageUpdate
from .outputs import MessageRead
from .query import MessagePagination, MessagesQuery

NOT_FOUND = "Message not found"
LOCKED = "A run holds the conversation"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
"""Description of the 409 of whatever writes messages."""


class MessageViewSet(MieltoViewSet):
    queryset = Message.objects.all()
    pagination_class = MessagePagination
    not_found = MessageNotFound
    tag = "Messages"

    @operation(
        "Create Message",
        Permission.WRITE,
        operation_id="create_message_api_v1_messages_post",
        status=201,
        answer=list[MessageRead],
        not_found=NOT_FOUND,
        conflict=LOCKED,
        idempotent=True,
    )
    def create(self, body: CreateMessages) -> Payload:
        """Store one message or several, all or none, and answer them as a list in the order given.

        Without `conversation_id` a conversation is opened for them. A message with a `created_at` that
        the conversation already holds is answered as it is there, and not stored again.
        """
        drafts, writer = body.drafts(), self.writer(enable_memories=bool(body.enable_memories))
        workspace_id, conversation_id = self.workspace_id, body.conversation_id
        rows: list[Message] = []
        if conversation_id is not None:
            rows = append_messages(
                workspace_id=workspace_id, conversation_id=conversation_id, drafts=drafts, writer=writer
            )
        elif drafts:  # an empty list opens nothing: its answer could not name what it opened
            rows = create_conversation(workspace_id=workspace_id, drafts=drafts, writer=writer)[1]
        return [MessageRead.of(row) for row in rows]

    @operation(
        "List Messages",
        Permission.READ,
        operation_id="list_messages_api_v1_messages_get",
        answer=PaginatedResponse[MessageRead],
        not_found=NOT_FOUND,
    )
    def list(self, query: MessagesQuery) -> Payload:
        """A page of the messages of the workspace, newest first unless asked otherwise."""
        return PaginatedResponse.of(self.page_of(query), MessageRead)

    @operation("Get Message", Permission.READ, answer=MessageRead)
    def retrieve(self, message_id: str) -> Payload:
        """One message."""
        return self.shown(MessageRead, message_id)

    @operation("Update Message", Permission.WRITE, answer=MessageRead, conflict=LOCKED_OR_REDACTED)
    def update(self, message_id: str, body: MessageUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        row = update_message(workspace_id=self.workspace_id, message_id=message_id, changes=body.changes)
        return MessageRead.of(row)

    @operation("Delete Message", Permission.WRITE, status=204, conflict=LOCKED)
    def destroy(self, message_id: str) -> None:
        """Delete one message."""
        delete_message(workspace_id=self.workspace_id, message_id=message_id)
