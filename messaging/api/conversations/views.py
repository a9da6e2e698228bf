"""/api/v1/conversations and the messages below one of them."""

from messaging.api.messages.inputs import MessageCreateRequest, drafts_of
from messaging.api.messages.outputs import MessageRead
from messaging.api.messages.query import ConversationMessagesQuery, MessagePagination
from messaging.api.messages.views import LOCKED
from messaging.api.pages import PaginatedResponse
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ConversationNotFound
from messaging.index.filters import Equal
from messaging.models import Conversation, Message
from messaging.services import (
    append_messages,
    create_conversation,
    delete_conversation,
    update_conversation,
)
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation

from .inputs import ConversationCreate, ConversationUpdate
from .outputs import ConversationListResponse, ConversationRead
from .query import ConversationPagination, ConversationsQuery


class ConversationViewSet(MieltoViewSet):
    queryset = Conversation.objects.all()
    pagination_class = ConversationPagination
    not_found = ConversationNotFound
    tag = "Conversations"

    @operation("Create Conversation", Permission.WRITE, status=201, answer=ConversationRead, idempotent=True)
    def create(self, body: ConversationCreate) -> Payload:
        """Open a conversation, with its first messages if there are any, all or nothing."""
        conversation, _ = create_conversation(
            workspace_id=self.workspace_id,
            writer=self.writer(),
            drafts=drafts_of(body.messages or []),
            **body.fields(),
        )
        return ConversationRead.of(conversation)

    @operation("List Conversations", Permission.READ, answer=ConversationListResponse)
    def list(self, query: ConversationsQuery) -> Payload:
        """A page of the conversations of the workspace, the last touched first unless asked otherwise."""
        return ConversationListResponse.of(self.page_of(query), ConversationRead)

    @operation("Get Conversation", Permission.READ, answer=ConversationRead)
    def retrieve(self, conversation_id: str) -> Payload:
        """One conversation."""
        return self.shown(ConversationRead, conversation_id)

    @operation("Update Conversation", Permission.WRITE, answer=ConversationRead)
    def update(self, conversation_id: str, body: ConversationUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        row = update_conversation(
            workspace_id=self.workspace_id, conversation_id=conversation_id, changes=body.given()
        )
        return ConversationRead.of(row)

    @operation("Delete Conversation", Permission.WRITE, status=204)
    def destroy(self, conversation_id: str) -> None:
        """Delete a conversation with every message in it."""
        delete_conversation(workspace_id=self.workspace_id, conversation_id=conversation_id)


class ConversationMessagesViewSet(MieltoViewSet):
    queryset = Message.objects.all()
    pagination_class = MessagePagination
    not_found = ConversationNotFound
    tag = "Conversations"

    @operation("List Conversation Messages", Permission.READ, answer=PaginatedResponse[MessageRead])
    def list(self, conversation_id: str, query: ConversationMessagesQuery) -> Payload:
        """A page of the messages of one conversation, newest first unless asked otherwise."""
        page = self.page_of(query, Equal("conversation_id", conversation_id))
        if not page.total_count:  # only then can it be that there is no such conversation
            self.require(Conversation.objects.all(), ConversationNotFound, pk=conversation_id)
        return PaginatedResponse.of(page, MessageRead)

    @operation(
        "Create Conversation Message",
        Permission.WRITE,
        status=201,
        answer=MessageRead,
        conflict=LOCKED,
        idempotent=True,
    )
    def create(self, conversation_id: str, body: MessageCreateRequest) -> Payload:
        """Store one message and answer it, not in a list."""
        [row] = append_messages(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            drafts=[body.draft()],
            writer=self.writer(),
        )
        return MessageRead.of(row)
