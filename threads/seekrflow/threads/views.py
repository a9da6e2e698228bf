"""/v1/threads"""

from messaging.exceptions import ConversationNotFound
from messaging.index.plan import plan
from messaging.services import create_conversation, delete_conversation
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from messaging.wire.parameters import filters_of
from threads.models import Thread
from threads.seekrflow.view import SeekrFlowViewSet

from . import outputs
from .inputs import ThreadCreateRequest
from .outputs import THREAD_COLUMNS, Deleted, thread_read
from .query import ThreadsQuery

NOT_FOUND = "Thread not found"


class ThreadViewSet(SeekrFlowViewSet):
    queryset = Thread.objects.all()
    not_found = ConversationNotFound
    tag = "Threads"

    @operation(
        summary="Create thread",
        operation_id="create_thread_endpoint_v1_threads__post",
        permission=Permission.WRITE,
        body=ThreadCreateRequest,
        answer=outputs.Thread,
        idempotent=True,
        examples={"A thread": {"meta_data": {"channel": "web"}}},
    )
    def create(self, body: ThreadCreateRequest) -> Payload:
        """Open a thread. It is a conversation of the other wire too."""
        thread, _ = create_conversation(
            workspace_id=self.access.workspace_id, writer=self.writer(), meta_data=body.meta_data or {}
        )
        return thread_read(thread)

    @operation(
        summary="List threads",
        operation_id="list_threads_endpoint_v1_threads__get",
        permission=Permission.READ,
        query=ThreadsQuery,
        answer=list[outputs.Thread],
    )
    def list(self, query: ThreadsQuery) -> Payload:
        """The threads of the workspace, newest first unless asked otherwise."""
        listing = self.listing(filters_of(query), query.order_by("created_at", "id"))
        rows = plan(listing).at(query.window()).rows(THREAD_COLUMNS)
        return [thread_read(row) for row in rows]

    @operation(summary="Get thread", permission=Permission.READ, answer=outputs.Thread, not_found=NOT_FOUND)
    def retrieve(self, thread_id: str) -> Payload:
        """One thread."""
        return thread_read(self.find(thread_id))

    @operation(summary="Delete thread", permission=Permission.WRITE, answer=Deleted, not_found=NOT_FOUND)
    def destroy(self, thread_id: str) -> Payload:
        """Delete a thread with its messages, runs and stored objects, locked or not."""
        delete_conversation(workspace_id=self.access.workspace_id, conversation_id=thread_id)
        return {"deleted": True}
