"""/v1/threads"""

from messaging.exceptions import ConversationNotFound
from messaging.services import create_conversation, delete_conversation
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from threads.models import Thread
from threads.seekrflow.pages import FilteredListQuery
from threads.seekrflow.view import SeekrFlowViewSet

from . import outputs
from .inputs import ThreadCreateRequest
from .outputs import Deleted


class ThreadViewSet(SeekrFlowViewSet):
    queryset = Thread.objects.all()
    not_found = ConversationNotFound
    tag = "Threads"

    @operation(
        "Create thread",
        Permission.WRITE,
        operation_id="create_thread_endpoint_v1_threads__post",
        answer=outputs.Thread,
        idempotent=True,
    )
    def create(self, body: ThreadCreateRequest) -> Payload:
        """Open a thread. It is a conversation of the other wire too."""
        thread, _ = create_conversation(
            workspace_id=self.workspace_id, writer=self.writer(), meta_data=body.meta_data or {}
        )
        return outputs.Thread.of(thread)

    @operation(
        "List threads",
        Permission.READ,
        operation_id="list_threads_endpoint_v1_threads__get",
        answer=list[outputs.Thread],
    )
    def list(self, query: FilteredListQuery) -> Payload:
        """The threads of the workspace, newest first unless asked otherwise."""
        return self.list_of(outputs.Thread, query)

    @operation("Get thread", Permission.READ, answer=outputs.Thread)
    def retrieve(self, thread_id: str) -> Payload:
        """One thread."""
        return self.shown(outputs.Thread, thread_id)

    @operation("Delete thread", Permission.WRITE, answer=Deleted)
    def destroy(self, thread_id: str) -> Payload:
        """Delete a thread with its messages, runs and stored objects, locked or not."""
        delete_conversation(workspace_id=self.workspace_id, conversation_id=thread_id)
        return {"deleted": True}
