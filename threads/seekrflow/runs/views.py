"""/v1/threads/{thread_id}/runs"""

from typing import Any

from django.http import HttpResponseBase

from messaging.changes import Position, current_position
from messaging.changes.relay import Listener
from messaging.exceptions import PermissionMissing, RunNotFound
from messaging.index.filters import Equal
from messaging.models import Run
from messaging.services import append_run_message, create_run, update_run
from messaging.sql.databases import write_database
from messaging.values.choices import Permission, RunStatus
from messaging.wire.events import WholeEventStream, may_go_on
from messaging.wire.operations import Payload, operation
from threads.seekrflow.messages.outputs import ThreadMessageResponse
from threads.seekrflow.messages.query import MessagesQuery, PartsQuery
from threads.seekrflow.messages.views import ThreadMessageListing
from threads.seekrflow.pages import ListQuery
from threads.seekrflow.view import SeekrFlowViewSet

from . import outputs
from .inputs import RunMessageRequest, RunRequest, RunUpdate
from .outputs import RunCancelled, RunResponse
from .stream import KINDS, RunReader, events_for, events_now

NOT_FOUND = "Thread or run not found"
ENDED = "The run has ended"
OPENS_A_STREAM: Any = {
    "answer": WholeEventStream,
    "not_found": "Thread not found",
    "conflict": "Another run holds the thread",
}


class RunViewSet(SeekrFlowViewSet):
    queryset = Run.objects.all()
    not_found = RunNotFound
    tag = "Runs"

    @operation(
        "Create run",
        Permission.WRITE,
        answer=RunResponse,
        not_found="Thread not found",
        conflict="Another run holds the thread",
        idempotent=True,
    )
    def create(self, thread_id: str, body: RunRequest) -> Payload:
        """Open a run, which holds the thread locked until it ends or expires.

        No model is asked here: your agent runtime is to write the messages of the run, and to end it.
        """
        run = create_run(workspace_id=self.workspace_id, conversation_id=thread_id, **body.fields())
        return {"run_id": run.pk, "thread_id": thread_id, "status": run.status, "group": run.group}

    @operation(
        "List runs",
        Permission.READ,
        operation_id="list_runs_endpoint_v1_threads__thread_id__runs_get",
        answer=list[outputs.Run],
        not_found="Thread not found",
    )
    def list(self, thread_id: str, query: ListQuery) -> Payload:
        """The runs of a thread, newest first unless asked otherwise."""
        runs = self.list_of(outputs.Run, query, Equal("conversation_id", thread_id))
        if not runs:  # only then can it be that there is no such thread
            self.require_thread(thread_id)
        return runs

    @operation("Get run", Permission.READ, answer=outputs.Run, not_found=NOT_FOUND)
    def retrieve(self, thread_id: str, run_id: str) -> Payload:
        """One run."""
        return self.shown(outputs.Run, run_id, conversation_id=thread_id)

    @operation("Update run", Permission.AGENT, answer=outputs.Run, not_found=NOT_FOUND, conflict=ENDED)
    def update(self, thread_id: str, run_id: str, body: RunUpdate) -> Payload:
        """Say what became of a run. To end it unlocks the thread; the same end can be told again."""
        run = update_run(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            run_id=run_id,
            status=body.status,
            changes=body.changes(),
        )
        return outputs.Run.of(run)

    @operation("Cancel run", Permission.WRITE, answer=RunCancelled, not_found=NOT_FOUND, conflict=ENDED)
    def cancel(self, thread_id: str, run_id: str) -> Payload:
        """Cancel a run and unlock its thread, at any moment. What the body says does not matter."""
        run = update_run(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            run_id=run_id,
            status=RunStatus.CANCELLED,
        )
        return {"status": "canceled", "run_id": run.pk}


class RunStreamViewSet(SeekrFlowViewSet):
    queryset = Run.objects.all()
    not_found = RunNotFound
    tag = "Runs"

    @operation("Run and stream", Permission.WRITE, **OPENS_A_STREAM)
    def create(self, thread_id: str, body: RunRequest) -> HttpResponseBase:
        """Open a run, and answer what it writes as server-sent events until it ends.

        The stream needs the permission `read`, too. Whoever loses it attaches to the run.
        """
        return self._opened(thread_id, body)

    @operation("Run and stream for Vercel", Permission.WRITE, **OPENS_A_STREAM)
    def vercel(self, thread_id: str, body: RunRequest) -> HttpResponseBase:
        """The same, under the path that the vendor's client asks for."""
        return self._opened(thread_id, body)

    @operation("Attach to run", Permission.READ, answer=WholeEventStream, not_found=NOT_FOUND)
    def attach(self, thread_id: str, run_id: str) -> HttpResponseBase:
        """What a run has written and writes, as server-sent events from the first on until it ends.

        A server without an event loop answers what has been written and ends.
        """
        position = current_position()
        runs = self.get_queryset().in_conversation(thread_id)
        run = runs.using(write_database(Run)).filter(pk=run_id).first()
        if run is None:
            raise RunNotFound
        return WholeEventStream(()) if self.request.method == "HEAD" else self._streamed(run, position)

    def _opened(self, thread_id: str, body: RunRequest) -> HttpResponseBase:
        if Permission.READ not in self.access.permissions:
            raise PermissionMissing("This key lacks the 'read' permission")
        position = current_position()
        run = create_run(workspace_id=self.workspace_id, conversation_id=thread_id, **body.fields())
        return self._streamed(run, position)

    def _streamed(self, run: Run, position: str) -> HttpResponseBase:
        api_key, reader = self.access.api_key, RunReader(run, self.link)
        if not may_go_on(self.request._request):
            return WholeEventStream(events_now(reader))
        listener = Listener(
            workspace_id=self.workspace_id,
            position=Position.of(position),
            kinds=KINDS,
            conversation_id=run.conversation_id,
            grant=(api_key.pk, self.workspace_id) if api_key else None,
        )
        return WholeEventStream(events_for(reader, listener))


class RunMessageViewSet(ThreadMessageListing):
    tag = "Runs"

    @operation(
        "Create run message",
        Permission.AGENT,
        answer=ThreadMessageResponse,
        not_found=NOT_FOUND,
        conflict=ENDED,
        idempotent=True,
    )
    def create(self, thread_id: str, run_id: str, query: PartsQuery, body: RunMessageRequest) -> Payload:
        """Store what the agent says or does, with its parts as given, and renew the expiry of the run.

        Without `content` the text of the parts stands for it.
        """
        message = append_run_message(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            run_id=run_id,
            draft=body.draft(),
            writer=self.writer(),
            client_id=body.client_id(),
        )
        return self.one(message, query)

    @operation("List run messages", Permission.READ, answer=list[ThreadMessageResponse], not_found=NOT_FOUND)
    def list(self, thread_id: str, run_id: str, query: MessagesQuery) -> Payload:
        """The messages that a run has written."""
        self.require(Run.objects.all(), RunNotFound, pk=run_id, conversation_id=thread_id)
        return self.list_in(thread_id, query, Equal("run_id", run_id))
