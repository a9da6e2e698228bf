"""/openai/v1/conversations"""

from messaging.exceptions import ConversationNotFound
from messaging.models import Conversation
from messaging.services import create_conversation, delete_conversation, update_conversation
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from threads.openai.items.inputs import drafts_of
from threads.openai.items.reading import ReadsItems
from threads.openai.metadata import replaced_metadata
from threads.openai.pages import TwoWayListQuery
from threads.openai.view import OpenAIViewSet

from .inputs import CreateConversationBody, UpdateConversationBody
from .outputs import ConversationList, ConversationResource, DeletedConversationResource


class ConversationViewSet(ReadsItems, OpenAIViewSet):
    queryset = Conversation.objects.all()
    not_found = ConversationNotFound
    tag = "OpenAI conversations"

    @operation(
        "Create a conversation",
        Permission.WRITE,
        operation_id="createConversation",
        answer=ConversationResource,
        body_required=False,
        idempotent=True,
    )
    def create(self, body: CreateConversationBody) -> Payload:
        """Open a conversation. It is a conversation and a thread of the other wires, too."""
        conversation, _ = create_conversation(
            workspace_id=self.workspace_id,
            writer=self.writer(),
            drafts=drafts_of(self.with_references(body.items or [])),
            meta_data=body.metadata or {},
        )
        return ConversationResource.of(conversation)

    @operation("List conversations of a workspace", Permission.READ, answer=ConversationList)
    def list(self, query: TwoWayListQuery) -> Payload:
        """The conversations of the workspace, newest first unless asked otherwise, as Azure lists them."""
        return self.list_of(ConversationResource, query, ("created_at", "id"))

    @operation(
        "Retrieve a conversation",
        Permission.READ,
        operation_id="getConversation",
        answer=ConversationResource,
    )
    def retrieve(self, conversation_id: str) -> Payload:
        """One conversation."""
        return self.shown(ConversationResource, conversation_id)

    @operation(
        "Update a conversation",
        Permission.WRITE,
        operation_id="updateConversation",
        answer=ConversationResource,
        idempotent=True,
    )
    def update(self, conversation_id: str, body: UpdateConversationBody) -> Payload:
        """Give a conversation other metadata. What other wires keep there and this one cannot show stays."""
        conversation = update_conversation(
            workspace_id=self.workspace_id,
            conversation_id=conversation_id,
            changes=lambda row: {"meta_data": replaced_metadata(row.meta_data, body.metadata)},
        )
        return ConversationResource.of(conversation)

    @operation(
        "Delete a conversation",
        Permission.WRITE,
        operation_id="deleteConversation",
        answer=DeletedConversationResource,
    )
    def destroy(self, conversation_id: str) -> Payload:
        """Delete a conversation with all its items."""
        delete_conversation(workspace_id=self.workspace_id, conversation_id=conversation_id)
        return {"id": conversation_id, "object": "conversation.deleted", "deleted": True}
