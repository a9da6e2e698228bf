"""/openai/v1/threads"""

from messaging.exceptions import ConversationNotFound
from messaging.services import create_conversation, delete_conversation, update_conversation
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from threads.models import Thread
from threads.openai.view import AssistantsViewSet

from .inputs import CreateThreadRequest, ModifyThreadRequest
from .outputs import DeleteThreadResponse, ThreadObject


class ThreadViewSet(AssistantsViewSet):
    queryset = Thread.objects.all()
    not_found = ConversationNotFound

    @operation(
        "Create an assistants thread",
        Permission.WRITE,
        operation_id="createThread",
        answer=ThreadObject,
        body_required=False,
        idempotent=True,
    )
    def create(self, body: CreateThreadRequest) -> Payload:
        """Open a thread. It is a conversation of the other wires, too."""
        thread, _ = create_conversation(
            workspace_id=self.workspace_id,
            writer=self.writer(),
            drafts=[message.draft() for message in body.messages or []],
            **body.fields(),
        )
        return ThreadObject.of(thread)

    @operation("Get an assistants thread", Permission.READ, operation_id="getThread", answer=ThreadObject)
    def retrieve(self, thread_id: str) -> Payload:
        """One thread."""
        return self.shown(ThreadObject, thread_id)

    @operation(
        "Modify an assistants thread",
        Permission.WRITE,
        operation_id="modifyThread",
        answer=ThreadObject,
        idempotent=True,
    )
    def update(self, thread_id: str, body: ModifyThreadRequest) -> Payload:
        """Give a thread other metadata, other resources of tools, or both."""
        thread = update_conversation(
            workspace_id=self.workspace_id, conversation_id=thread_id, changes=body.changes
        )
        return ThreadObject.of(thread)

    @operation(
        "Delete an assistants thread",
        Permission.WRITE,
        operation_id="deleteThread",
        answer=DeleteThreadResponse,
    )
    def destroy(self, thread_id: str) -> Payload:
        """Delete a thread with its messages and runs."""
        delete_conversation(workspace_id=self.workspace_id, conversation_id=thread_id)
        return {"id": thread_id, "object": "thread.deleted", "deleted": True}
