"""/api/v1/conversations and the messages below one of them."""

from messaging.api.messages.inputs import MessageCreateRequest, drafts_of
from messaging.api.messages.outputs import MessageRead, message_read
from messaging.api.messages.query import ConversationMessagesQuery
from messaging.api.messages.views import LOCKED, MessageListing
from messaging.api.pages import PaginatedResponse, paginated
from messaging.api.view import MieltoViewSet
from messaging.exceptions import ConversationNotFound
from messaging.index.filters import Equal
from messaging.models import Conversation
from messaging.services import (
    append_messages,
    create_conversation,
    delete_conversation,
    update_conversation,
)
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.responses import WireResponse

from . import examples
from .inputs import ConversationCreate, ConversationUpdate
from .outputs import ConversationListResponse, ConversationRead, conversation_read
from .query import ConversationPagination, ConversationsQuery

NOT_FOUND = "Conversation not found"


class ConversationViewSet(MieltoViewSet):
    queryset = Conversation.objects.all()
    pagination_class = ConversationPagination
    not_found = ConversationNotFound
    tag = "Conversations"

    @operation(
        summary="Create Conversation",
        permission=Permission.WRITE,
        body=ConversationCreate,
        status=201,
        answer=ConversationRead,
        idempotent=True,
        examples=examples.CREATE,
    )
    def create(self, body: ConversationCreate) -> Payload:
        """Open a conversation, with its first messages if there are any, all or nothing."""
        conversation, _ = create_conversation(
            workspace_id=self.access.workspace_id,
            writer=self.writer(),
            drafts=drafts_of(body.messages or []),
            **body.fields(),
        )
        return conversation_read(conversation)

    @operation(
        summary="List Conversations",
        permission=Permission.READ,
        query=ConversationsQuery,
        answer=ConversationListResponse,
    )
    def list(self, query: ConversationsQuery) -> Payload:
        """A page of the conversations of the workspace, the last touched first unless asked otherwise."""
        page = self.page_of(query)
        return WireResponse(paginated(page, page.rows, prev_cursor=page.prev_cursor), headers=page.headers)

    @operation(
        summary="Get Conversation", permission=Permission.READ, answer=ConversationRead, not_found=NOT_FOUND
    )
    def retrieve(self, conversation_id: str) -> Payload:
        """One conversation."""
        return self.find_row(conversation_id)

    @operation(
        summary="Update Conversation",
        permission=Permission.WRITE,
        body=ConversationUpdate,
        answer=ConversationRead,
        not_found=NOT_FOUND,
        examples=examples.UPDATE,
    )
    def update(self, conversation_id: str, body: ConversationUpdate) -> Payload:
        """Change the fields that are given. PUT and PATCH do the same."""
        row = update_conversation(
            workspace_id=self.access.workspace_id, conversation_id=conversation_id, changes=body.changes()
        )
        return conversation_read(row)

    @operation(summary="Delete Conversation", permission=Permission.WRITE, status=204, not_found=NOT_FOUND)
    def destroy(self, conversation_id: str) -> None:
        """Delete a conversation with every message in it."""
        delete_conversation(workspace_id=self.access.workspace_id, conversation_id=conversation_id)


class ConversationMessagesViewSet(MessageListing):
    not_found = ConversationNotFound
    tag = "Conversations"

    @operation(
        summary="List Conversation Messages",
        permission=Permission.READ,
        query=ConversationMessagesQuery,
        answer=PaginatedResponse[MessageRead],
        not_found=NOT_FOUND,
    )
    def list(self, conversation_id: str, query: ConversationMessagesQuery) -> Payload:
        """A page of the messages of one conversation, newest first unless asked otherwise."""
        page = self.page_of(query, Equal("conversation_id", conversation_id))
        if not page.total_count:  # only then can it be that there is no such conversation
            self.require(conversation_id)
        return self.answer(page)

    @operation(
        summary="Create Conversation Message",
        permission=Permission.WRITE,
        body=MessageCreateRequest,
        status=201,
        answer=MessageRead,
        not_found=NOT_FOUND,
        conflict=LOCKED,
        idempotent=True,
        examples=examples.MESSAGE,
    )
    def create(self, conversation_id: str, body: MessageCreateRequest) -> Payload:
        """Store one message and answer it, not in a list."""
        [row] = append_messages(
            workspace_id=self.access.workspace_id,
            conversation_id=conversation_id,
            drafts=[body.draft()],
            writer=self.writer(),
        )
        return message_read(row)

    def require(self, conversation_id: str) -> None:
        """Raises ConversationNotFound."""
        conversations = Conversation.objects.for_workspace(self.access.workspace_id)
        if not conversations.filter(pk=conversation_id).exists():
            raise self.not_found
