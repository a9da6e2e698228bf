"""/v1/threads/{thread_id}/runs"""

import json

from messaging import models
from messaging.exceptions import RunNotFound
from messaging.index.filters import Equal
from messaging.index.plan import plan
from messaging.models import Run
from messaging.services import append_run_message, cancel_run, create_run, update_run
from messaging.values.choices import Permission
from messaging.wire.operations import Payload, operation
from threads.seekrflow.messages.outputs import ThreadMessageResponse
from threads.seekrflow.messages.query import MessagesQuery, PartsQuery
from threads.seekrflow.messages.views import ThreadMessageListing
from threads.seekrflow.view import SeekrFlowViewSet

from . import examples, outputs
from .inputs import RunMessageRequest, RunRequest, RunUpdate
from .outputs import RUN_COLUMNS, RunCancelled, RunResponse, run_read
from .query import RunsQuery

NOT_FOUND = "Thread or run not found"
ENDED = "The run has ended"


class RunViewSet(SeekrFlowViewSet):
    queryset = Run.objects.all()
    not_found = RunNotFound
    tag = "Runs"

    @operation(
        summary="Create run",
        permission=Permission.WRITE,
        body=RunRequest,
        answer=RunResponse,
        not_found="Thread not found",
        conflict="Another run holds the thread",
        idempotent=True,
        examples=examples.CREATE,
    )
    def create(self, thread_id: str, body: RunRequest) -> Payload:
        """Open a run, which holds the thread locked until it ends or expires.

        No model is asked here: your agent runtime is to write the messages of the run, and to end it.
        """
        run = create_run(workspace_id=self.access.workspace_id, conversation_id=thread_id, **body.fields())
        return {"run_id": run.pk, "thread_id": thread_id, "status": run.status, "group": run.group}

    @operation(
        summary="List runs",
        operation_id="list_runs_endpoint_v1_threads__thread_id__runs_get",
        permission=Permission.READ,
        query=RunsQuery,
        answer=list[outputs.Run],
        not_found="Thread not found",
    )
    def list(self, thread_id: str, query: RunsQuery) -> Payload:
        """The runs of a thread, newest first unless asked otherwise."""
        listing = self.listing([Equal("conversation_id", thread_id)], query.order_by("created_at", "id"))
        runs = plan(listing).at(query.window()).rows(RUN_COLUMNS, read=json.loads)
        if not runs:  # only then can it be that there is no such thread
            self.require_thread(thread_id)
        return [run_read(run) for run in runs]

    @operation(summary="Get run", permission=Permission.READ, answer=outputs.Run, not_found=NOT_FOUND)
    def retrieve(self, thread_id: str, run_id: str) -> Payload:
        """One run."""
        return run_read(self.find_in_thread(thread_id, run_id))

    @operation(
        summary="Update run",
        permission=Permission.AGENT,
        body=RunUpdate,
        answer=outputs.Run,
        not_found=NOT_FOUND,
        conflict=ENDED,
        examples=examples.UPDATE,
    )
    def update(self, thread_id: str, run_id: str, body: RunUpdate) -> Payload:
        """Say what became of a run. To end it unlocks the thread; the same end can be told again."""
        run = update_run(
            workspace_id=self.access.workspace_id,
            conversation_id=thread_id,
            run_id=run_id,
            status=body.status,
            changes=body.changes(),
        )
        return run_read(run)

    @operation(
        summary="Cancel run",
        permission=Permission.WRITE,
        answer=RunCancelled,
        not_found=NOT_FOUND,
        conflict=ENDED,
    )
    def cancel(self, thread_id: str, run_id: str) -> Payload:
        """Cancel a run and unlock its thread, at any moment. What the body says does not matter."""
        run = cancel_run(workspace_id=self.access.workspace_id, conversation_id=thread_id, run_id=run_id)
        return {"status": "canceled", "run_id": run.pk}

    def find_in_thread(self, thread_id: str, run_id: str) -> models.Run:
        """Raises RunNotFound."""
        run: models.Run | None = self.get_queryset().in_conversation(thread_id).filter(pk=run_id).first()
        if run is None:
            raise self.not_found
        return run


class RunMessageViewSet(ThreadMessageListing):
    tag = "Runs"

    @operation(
        summary="Create run message",
        permission=Permission.AGENT,
        query=PartsQuery,
        body=RunMessageRequest,
        answer=ThreadMessageResponse,
        not_found=NOT_FOUND,
        conflict=ENDED,
        idempotent=True,
        examples=examples.MESSAGE,
    )
    def create(self, thread_id: str, run_id: str, query: PartsQuery, body: RunMessageRequest) -> Payload:
        """Store what the agent says or does, with its parts as given, and renew the expiry of the run.

        Without `content` the text of the parts stands for it.
        """
        message = append_run_message(
            workspace_id=self.access.workspace_id,
            conversation_id=thread_id,
            run_id=run_id,
            draft=body.draft(),
            writer=self.writer(),
            client_id=body.client_id(),
        )
        return self.answer_one(message, include_parts=query.include_parts)

    @operation(
        summary="List run messages",
        permission=Permission.READ,
        query=MessagesQuery,
        answer=list[ThreadMessageResponse],
        not_found=NOT_FOUND,
    )
    def list(self, thread_id: str, run_id: str, query: MessagesQuery) -> Payload:
        """The messages that a run has written."""
        self.require_run(thread_id, run_id)
        return self.answer_list(thread_id, query, Equal("run_id", run_id))

    def require_run(self, thread_id: str, run_id: str) -> None:
        """Raises RunNotFound."""
        runs = Run.objects.for_workspace(self.access.workspace_id).in_conversation(thread_id)
        if not runs.filter(pk=run_id).exists():
            raise RunNotFound
