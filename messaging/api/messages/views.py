"""/api/v1/messages"""

from messaging.api.pages import PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ConversationNotFound, MessageNotFound
from messaging.index.filters import Compared, Filter
from messaging.models import Conversation, Message
from messaging.services import append_messages, create_conversation, delete_message, update_message
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.pagination import Page

from .inputs import CreateMessages, MessageUpdate
from .outputs import MessageRead, message_reads
from .query import ConversationMessagesQuery, MessagePagination, MessagesQuery

NOT_FOUND = "Message not found"
LOCKED = "A run holds the conversation"
LOCKED_OR_REDACTED = f"{LOCKED}, or the message was redacted and its content cannot be written again"
"""Description of the 409 of whatever writes messages."""


class MessageListing(MieltoViewSet):
    """What the views of lists of messages share."""

    queryset = Message.objects.all()
    pagination_class = MessagePagination

    def bounds(self, query: ConversationMessagesQuery, conversation_id: str) -> list[Filter]:
        """What lies between the messages whose ids are `after` and `before`.

        Raises MessageNotFound for an id of no message of the conversation, and ConversationNotFound.
        """
        named = {"gt": query.after, "lt": query.before}
        ids = [message_id for message_id in named.values() if message_id]
        if not ids:
            return []
        messages = Message.objects.for_workspace(self.workspace_id).in_conversation(conversation_id)
        numbers = dict(messages.filter(pk__in=ids).values_list("pk", "seq"))
        if not numbers.keys() >= set(ids):
            self.require_conversation(conversation_id)
            raise MessageNotFound
        return [Compared("seq", lookup, numbers[pk]) for lookup, pk in named.items() if pk]  # type: ignore[arg-type]

    def shown_page(self, page: Page) -> Payload:
        """The page as it is answered."""
        return PaginatedResponse.shown(page, lambda rows: message_reads(self.workspace_id, rows))

    def require_conversation(self, conversation_id: str) -> None:
        """To be called where no message was found: only then can it be that there is no such conversation."""
        self.require(Conversation.objects.all(), ConversationNotFound, pk=conversation_id)


class MessageViewSet(MessageListing):
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
        return message_reads(workspace_id, rows)

    @operation(
        "List Messages",
        Permission.READ,
        operation_id="list_messages_api_v1_messages_get",
        answer=PaginatedResponse[MessageRead],
        not_found=NOT_FOUND,
    )
    def list(self, query: MessagesQuery) -> Payload:
        """A page of the messages of the workspace, newest first unless asked otherwise.

        A `conversation_id` that is unknown is 404, as below the conversation itself.
        """
        page = self.page_of(query, *self.bounds(query, query.conversation_id or ""))
        if query.conversation_id and not page.total_count:
            self.require_conversation(query.conversation_id)
        return self.shown_page(page)

    @operation("Get Message", Permission.READ, answer=MessageRead)
    def retrieve(self, message_id: str) -> Payload:
        """One message."""
        return message_reads(self.workspace_id, [self.find_row(MessageRead, message_id)])[0]

    @operation("Update Message", Permission.WRITE, answer=MessageRead, conflict=LOCKED_OR_REDACTED)
    def update(self, message_id: str, body: MessageUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        row = update_message(
            workspace_id=self.workspace_id,
            message_id=message_id,
            changes=body.changes,
            attachments=body.attachments,
        )
        return message_reads(self.workspace_id, [row])[0]

    @operation("Delete Message", Permission.WRITE, status=204, conflict=LOCKED)
    def destroy(self, message_id: str) -> None:
        """Delete one message."""
        delete_message(workspace_id=self.workspace_id, message_id=message_id)
