"""A worker sees jobs through: once, again after an error, and never behind the back of who cancelled them."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from messaging.jobs import PLAIN, Context, Worker, cancel_jobs, enqueue, job, loop, shared_loop
from messaging.jobs.lease import Lease, claim
from messaging.models import Job
from messaging.values.choices import JobState
from tests.jobs.conftest import state

pytestmark = pytest.mark.django_db(transaction=True)

Run = Callable[[], None]
PATIENCE = 20
SECRET = "the customer's own words"


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, list(Job.objects.values())
        time.sleep(0.02)


def due_now() -> None:
    Job.objects.update(run_at=Now() - timedelta(seconds=1))


class Failing:
    """A job that fails as often as it is told."""

    def __init__(self, times: int) -> None:
        self.times, self.calls = times, 0

    def __call__(self, context: Context = PLAIN) -> dict[str, int]:
        self.calls += 1
        if self.calls <= self.times:
            raise OperationalError(SECRET)
        return {"calls": self.calls}


class AwayFor:
    """A function whose database is away for so many calls."""

    def __init__(self, times: int, usual: Callable[..., Any]) -> None:
        self.times, self.usual = times, usual

    def __call__(self, *args: Any) -> Any:
        self.times -= 1
        if self.times >= 0:
            raise OperationalError("the server closed the connection")
        return self.usual(*args)


def test_a_job_is_run_once_with_its_parameters(run_due: Run):
    seen = []

    @job("work")
    def work(context: Context, *, number: int) -> dict[str, int]:
        seen.append(number)
        return {"number": number}

    queued = enqueue("work", parameters={"number": 7})
    run_due()
    run_due()
    assert seen == [7]
    assert state(queued) == JobState.DONE
    assert queued.result == {"number": 7}
    assert queued.leased_by is None
    assert queued.finished_at


def test_a_job_that_fails_is_tried_again_later(run_due: Run):
    failing = job("work")(Failing(1))
    queued = enqueue("work")
    run_due()
    run_due()
    assert (failing.calls, state(queued)) == (1, JobState.QUEUED)
    assert queued.run_at > queued.finished_at + timedelta(seconds=4)  # type: ignore[operator]
    due_now()
    run_due()
    assert state(queued) == JobState.DONE
    assert queued.result == {"calls": 2}
    assert queued.error is None


def test_a_job_that_never_succeeds_fails_after_its_attempts(run_due: Run):
    failing = job("work", max_attempts=3)(Failing(99))
    queued = enqueue("work")
    for _ in range(5):
        run_due()
        due_now()
    assert (failing.calls, state(queued)) == (3, JobState.FAILED)
    assert (queued.attempts, queued.failures) == (3, 3)


def test_an_error_is_kept_without_its_text(run_due: Run):
    job("work")(Failing(1))
    queued = enqueue("work")
    run_due()
    queued.refresh_from_db()
    assert queued.error and queued.error.startswith("OperationalError in __call__, test_worker.py line ")
    assert SECRET not in queued.error


def test_a_scheduled_job_is_run_again_after_its_time_whatever_became_of_it(run_due: Run):
    failing = job("nightly", every=timedelta(hours=1), max_attempts=1)(Failing(1))
    run_due()
    row = Job.objects.get()
    assert (row.state, row.attempts, failing.calls) == (JobState.QUEUED, 0, 1)
    assert row.error
    assert timedelta(minutes=59) < row.run_at - row.finished_at < timedelta(minutes=61)  # type: ignore[operator]
    due_now()
    run_due()
    row.refresh_from_db()
    assert row.result == {"calls": 2}
    assert not row.error


def test_a_job_whose_workers_die_is_not_tried_for_ever(run_due: Run):
    failing = job("work", max_attempts=2)(Failing(0))
    queued = enqueue("work")
    Job.objects.update(
        state="running", attempts=2, leased_by="dead", lease_until=Now() - timedelta(seconds=1)
    )
    run_due()
    assert (failing.calls, state(queued)) == (0, JobState.FAILED)
    assert queued.error and "died" in queued.error


def test_a_dead_worker_is_no_failure_of_its_job(run_due: Run):
    job("work", max_attempts=99)(Failing(1))
    queued = enqueue("work")
    Job.objects.update(
        state="running", attempts=20, leased_by="dead", lease_until=Now() - timedelta(seconds=1)
    )
    run_due()
    assert (state(queued), queued.attempts, queued.failures) == (JobState.QUEUED, 21, 1)
    assert queued.run_at < queued.finished_at + timedelta(seconds=16)  # type: ignore[operator]
    due_now()
    run_due()
    assert (state(queued), queued.attempts, queued.failures) == (JobState.DONE, 0, 0)


def test_a_job_of_a_dead_worker_is_taken_over(run_due: Run):
    failing = job("work")(Failing(0))
    queued = enqueue("work")
    Job.objects.update(
        state="running", attempts=1, leased_by="dead", lease_until=Now() - timedelta(seconds=1)
    )
    run_due()
    assert (failing.calls, state(queued)) == (1, JobState.DONE)


def test_a_running_job_is_cancelled_when_it_asks(worker: Callable[..., Worker]):
    running = Event()

    @job("work")
    def work(context: Context) -> None:
        running.set()
        while not context.should_stop():
            time.sleep(0.01)

    queued = enqueue("work")
    worker()
    assert running.wait(PATIENCE)
    cancel_jobs([queued.pk])
    eventually(lambda: state(queued) == JobState.CANCELLED)


def test_progress_is_seen_while_it_works(worker: Callable[..., Worker]):
    seen = Event()

    @job("work")
    def work(context: Context) -> None:
        context.progress(3, 10, "files")
        assert seen.wait(PATIENCE)

    queued = enqueue("work")
    worker()
    eventually(lambda: Job.objects.get().progress_done == 3)
    seen.set()
    eventually(lambda: state(queued) == JobState.DONE)


def test_a_stopped_worker_hands_its_job_on(worker: Callable[..., Worker], run_due: Run):
    running, may_end = Event(), Event()

    @job("work")
    def work(context: Context) -> None:
        running.set()
        while not may_end.is_set() and not context.should_stop():
            time.sleep(0.01)

    queued = enqueue("work")
    stopped = worker()
    assert running.wait(PATIENCE)
    stopped.stop()
    eventually(lambda: state(queued) == JobState.QUEUED)
    assert (queued.attempts, queued.error) == (0, None)
    may_end.set()
    run_due()
    assert state(queued) == JobState.DONE


def test_a_stop_does_not_wait_for_a_job_that_does_not_ask(transactional_db: None):
    running, go_on = Event(), Event()

    @job("work")
    def work(context: Context) -> None:
        running.set()
        go_on.wait(PATIENCE)

    queued = enqueue("work")
    impatient = Worker(idle=0.05, patience=0.2)
    thread = Thread(target=impatient.run, daemon=True)
    thread.start()
    assert running.wait(PATIENCE)
    impatient.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert state(queued) == JobState.RUNNING
    go_on.set()
    eventually(lambda: state(queued) == JobState.DONE)


def test_a_lease_outlives_a_step_that_is_longer(worker: Callable[..., Worker], settings):
    settings.PARLEY = {"JOB_LEASE_SECONDS": 2}
    calls = []

    @job("work")
    def work(context: Context) -> None:
        calls.append(1)
        time.sleep(4.5)

    queued = enqueue("work")
    worker()
    worker()
    eventually(lambda: state(queued) == JobState.DONE)
    assert calls == [1]


def test_a_job_is_told_that_its_lease_was_lost(
    worker: Callable[..., Worker], caplog: pytest.LogCaptureFixture
):
    running = Event()

    @job("work")
    def work(context: Context) -> None:
        running.set()
        while not context.should_stop():
            time.sleep(0.01)

    enqueue("work")
    worker(threads=1)
    assert running.wait(PATIENCE)
    with caplog.at_level(logging.WARNING, "messaging"):
        Job.objects.update(leased_by="another", attempts=9, lease_until=Now() + timedelta(minutes=1))
        eventually(lambda: "lease of job work was lost" in caplog.text)
    assert (Job.objects.get().leased_by, Job.objects.get().state) == ("another", "running")


def test_one_worker_repeats_the_step_of_a_loop(worker: Callable[..., Worker]):
    steps: list[int] = []

    @loop("follow", pause=timedelta(seconds=0.05))
    def follow(context: Context = PLAIN) -> bool:
        steps.append(1)
        return len(steps) < 3

    worker()
    second = worker()
    eventually(lambda: len(steps) > 5)
    row = Job.objects.get()
    assert (row.kind, row.state, row.attempts) == ("follow", JobState.RUNNING, 1)
    assert second.kinds["follow"].is_loop


def test_a_loop_goes_to_another_worker_when_its_own_stops(worker: Callable[..., Worker]):
    @loop("follow", pause=timedelta(seconds=0.05))
    def follow(context: Context = PLAIN) -> bool:
        return False

    first = worker()
    eventually(lambda: Job.objects.filter(state="running").exists())
    holder = Job.objects.get().leased_by
    worker()
    first.stop()
    eventually(lambda: Job.objects.get().leased_by not in (holder, None))


def test_a_loop_that_fails_is_taken_up_again_with_back_off(run_due: Run):
    failing = loop("follow", pause=timedelta(seconds=1))(Failing(99))
    for attempt in range(1, 8):
        run_due()
        row = Job.objects.get()
        assert (row.state, row.failures, failing.calls) == (JobState.QUEUED, attempt, attempt)
        assert row.error and row.run_at > row.finished_at  # type: ignore[operator]
        due_now()


def test_without_a_database_a_worker_waits_and_goes_on(
    worker: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr("messaging.jobs.worker.claim", AwayFor(3, claim))
    job("work")(Failing(0))
    queued = enqueue("work")
    with caplog.at_level(logging.WARNING, "messaging"):
        worker(threads=1)
        eventually(lambda: state(queued) == JobState.DONE)
    assert caplog.text.count("cannot be reached") == 1


def test_an_end_is_written_once_the_database_is_back(run_due: Run, monkeypatch: pytest.MonkeyPatch):
    succeed = AwayFor(2, Lease.succeed)
    monkeypatch.setattr(Lease, "succeed", lambda *args: succeed(*args))
    failing = job("work")(Failing(0))
    queued = enqueue("work")
    run_due()
    assert (failing.calls, state(queued)) == (1, JobState.DONE)


def test_a_shared_loop_runs_in_every_worker_and_has_no_row(worker: Callable[..., Worker]):
    inside, most = [], 0

    @shared_loop("shared")
    def step(context: Context = PLAIN) -> bool:
        nonlocal most
        inside.append(1)
        most = max(most, len(inside))
        while len(inside) < 2 and most < 2 and not context.should_stop():
            time.sleep(0.02)
        inside.pop()
        return False

    worker()
    worker()
    eventually(lambda: most == 2)
    assert not Job.objects.exists()
