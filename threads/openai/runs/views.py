"""/openai/v1/threads/{thread_id}/runs"""

from collections.abc import Iterator

from messaging.conf import parley_settings
from messaging.exceptions import InvalidValue, RunNotFound, StepNotFound
from messaging.index.filters import Equal
from messaging.index.listing import Listing, Order, Window
from messaging.index.plan import plan
from messaging.models import Message, Run
from messaging.services import append_run_messages, create_conversation_with_run, create_run, update_run
from messaging.sql.rows import JSONRow
from messaging.values.choices import ACTIVE, Permission, RunStatus
from messaging.values.types import JSONObject
from messaging.wire.operations import Payload, operation
from threads.openai.items.reading import ReadsItems
from threads.openai.messages.outputs import MessageRow
from threads.openai.pages import TwoWayListQuery, listed
from threads.openai.threads.inputs import CreateThreadRequest
from threads.openai.view import AssistantsViewSet

from .inputs import (
    CreateRunRequest,
    CreateThreadAndRunRequest,
    ModifyRunRequest,
    SubmitToolOutputsRunRequest,
)
from .outputs import (
    ListRunsResponse,
    ListRunStepsResponse,
    RunObject,
    RunRow,
    RunStepObject,
    run_object,
)
from .steps import Shown, page_of_steps, steps_of, waiting_calls

MOST_MESSAGES = 1_000
"""So many messages of a run are looked at, the newest of them, for its steps and the calls that wait."""
NOT_FOUND = "Conversation or run not found"


class AssistantsRunViewSet(ReadsItems, AssistantsViewSet):
    queryset = Run.objects.all()
    not_found = RunNotFound

    @operation(
        "Create an assistants thread and run",
        Permission.WRITE,
        operation_id="createThreadAndRun",
        answer=RunObject,
        idempotent=True,
    )
    def create_with_thread(self, body: CreateThreadAndRunRequest) -> Payload:
        """Open a thread with its first messages, and a run in it."""
        thread = body.thread or CreateThreadRequest()
        run = create_conversation_with_run(
            workspace_id=self.workspace_id,
            writer=self.writer(),
            run=body.run(),
            drafts=[message.draft() for message in thread.messages or ()],
            **thread.fields(),
        )
        return _opened(run)

    @operation(
        "Create an assistants run",
        Permission.WRITE,
        operation_id="createRun",
        answer=RunObject,
        not_found="Conversation not found",
        idempotent=True,
    )
    def create(self, thread_id: str, body: CreateRunRequest) -> Payload:
        """Open a run, which holds the thread until it ends or expires.

        No model is asked here: your agent runtime writes what the run says, and ends it.
        """
        run = create_run(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            drafts=[message.draft() for message in body.additional_messages or ()],
            writer=self.writer(),
            **body.run(),
        )
        return _opened(run)

    @operation(
        "List assistants runs",
        Permission.READ,
        operation_id="listRuns",
        answer=ListRunsResponse,
        not_found="Conversation not found",
    )
    def list(self, thread_id: str, query: TwoWayListQuery) -> Payload:
        """The runs of a thread, newest first unless asked otherwise."""
        listing = self.listing_between(query, ("created_at", "id"), Equal("conversation_id", thread_id))
        rows, has_more = self.first_rows(RunRow, listing, query.limit)
        if not rows:
            self.require_thread(thread_id)
        return listed([self._shown_run(row) for row in rows], has_more=has_more)

    @operation(
        "Get an assistants run",
        Permission.READ,
        operation_id="getRun",
        answer=RunObject,
        not_found=NOT_FOUND,
    )
    def retrieve(self, thread_id: str, run_id: str) -> Payload:
        """One run. It requires action while calls of functions that it wrote wait for an answer."""
        return self._shown_run(self.find_row(RunRow, run_id, conversation_id=thread_id))

    @operation(
        "Modify an assistants run",
        Permission.AGENT,
        operation_id="modifyRun",
        answer=RunObject,
        not_found=NOT_FOUND,
        idempotent=True,
    )
    def update(self, thread_id: str, run_id: str, body: ModifyRunRequest) -> Payload:
        """Add metadata to a run."""
        return self._changed(thread_id, run_id, changes={"meta_data": body.metadata or {}})

    @operation(
        "Cancel an assistants run",
        Permission.WRITE,
        operation_id="cancelRun",
        answer=RunObject,
        not_found=NOT_FOUND,
        idempotent=True,
    )
    def cancel(self, thread_id: str, run_id: str) -> Payload:
        """Cancel a run, which unlocks its thread at once."""
        return self._changed(thread_id, run_id, status=RunStatus.CANCELLED)

    @operation(
        "Submit tool outputs to an assistants run",
        Permission.AGENT,
        operation_id="submitToolOuputsToRun",
        answer=RunObject,
        not_found=NOT_FOUND,
        idempotent=True,
    )
    def submit(self, thread_id: str, run_id: str, body: SubmitToolOutputsRunRequest) -> Payload:
        """Store what the tools answered to the calls that wait, as messages of the run."""
        if body.stream:
            raise InvalidValue(("body", "stream"), "This wire streams nothing")
        append_run_messages(
            workspace_id=self.workspace_id,
            conversation_id=thread_id,
            run_id=run_id,
            drafts=lambda run: body.drafts(self._waiting(thread_id, run_id)),
            writer=self.writer(),
        )
        return self._shown_run(self.find_row(RunRow, run_id, conversation_id=thread_id))

    @operation(
        "List assistants run steps",
        Permission.READ,
        operation_id="listRunSteps",
        answer=ListRunStepsResponse,
        not_found=NOT_FOUND,
    )
    def steps(self, thread_id: str, run_id: str, query: TwoWayListQuery) -> Payload:
        """What a run did, newest first unless asked otherwise."""
        page, has_more = page_of_steps(self._steps(thread_id, run_id), query, parley_settings().page_bytes)
        return listed(page, has_more=has_more)

    @operation(
        "Get an assistants run step",
        Permission.READ,
        operation_id="getRunStep",
        answer=RunStepObject,
        not_found="Conversation, run or step not found",
    )
    def step(self, thread_id: str, run_id: str, step_id: str) -> Payload:
        """One step."""
        for step in self._steps(thread_id, run_id):
            if step["id"] == step_id:
                return step
        raise StepNotFound

    def _changed(self, thread_id: str, run_id: str, **values: object) -> JSONObject:
        update_run(workspace_id=self.workspace_id, conversation_id=thread_id, run_id=run_id, **values)  # type: ignore[arg-type]
        return self._shown_run(self.find_row(RunRow, run_id, conversation_id=thread_id))

    def _shown_run(self, row: JSONRow) -> JSONObject:
        is_active = row["status"] in ACTIVE
        waiting = waiting_calls(self._messages(row["conversation_id"], row["id"])) if is_active else []
        return run_object(row, waiting)

    def _waiting(self, thread_id: str, run_id: str) -> dict[str, str]:
        """The names of the functions whose calls wait, by the ids of the calls."""
        waiting = waiting_calls(self._messages(thread_id, run_id))
        return {call["call_id"]: call["name"] for call in waiting}

    def _steps(self, thread_id: str, run_id: str) -> Iterator[JSONObject]:
        run = self.find_row(RunRow, run_id, conversation_id=thread_id)
        return steps_of(run, self._messages(thread_id, run_id))

    def _messages(self, thread_id: str, run_id: str) -> Iterator[Shown]:
        """The newest messages of a run with their items, the newest first."""
        source = plan(_messages_of(self.workspace_id, thread_id, run_id))
        for rows in source.pieces(MessageRow.columns(), MessageRow.parse):
            yield from self.shown_messages(self._timed(rows))


def _opened(run: Run) -> JSONObject:
    return run_object({name: getattr(run, name) for name in RunRow.columns()}, [])


def _messages_of(workspace_id: str, thread_id: str, run_id: str) -> Listing:
    return Listing(
        model=Message,
        workspaces=(workspace_id,),
        filters=(Equal("conversation_id", thread_id), Equal("run_id", run_id)),
        order=Order(("created_at", "seq"), descending=True),
        window=Window(stop=MOST_MESSAGES),
    )
