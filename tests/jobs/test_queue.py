"""What there is to do, and what is decided about it."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from messaging.jobs import cancel_jobs, enqueue, job, remove_old_jobs, run_now
from messaging.jobs.lease import claim
from messaging.jobs.queue import back_off, ensure_schedule
from messaging.models import Job
from messaging.services import delete_workspace
from messaging.values.choices import JobState
from tests.cast import Tenant
from tests.jobs.conftest import state

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=30)


@pytest.fixture(autouse=True)
def kinds() -> None:
    @job("work")
    def work(context: object = None, *, number: int = 0) -> None: ...

    @job("nightly", every=timedelta(days=1))
    def nightly(context: object = None) -> None: ...


def test_an_unknown_kind_is_refused():
    with pytest.raises(LookupError, match="'wrok'"):
        enqueue("wrok")


class ReadsElsewhere:
    """A router that reads from a replica, which has nothing yet."""

    def db_for_read(self, model: type[Model], **hints: object) -> str:
        return "replica"


def test_what_is_queued_is_read_where_it_was_written(settings: Settings):
    settings.DATABASE_ROUTERS = [ReadsElsewhere()]
    assert enqueue("work").run_at <= timezone.now() + timedelta(minutes=1)


def test_parameters_that_the_function_does_not_take_are_refused():
    with pytest.raises(TypeError, match="nubmer"):
        enqueue("work", parameters={"nubmer": 1})


def test_a_name_belongs_to_one_function():
    with pytest.raises(ValueError, match="'work'"):

        @job("work")
        def other(context: object = None) -> None: ...


def test_a_job_is_there_with_the_transaction_that_asked_for_it():
    with transaction.atomic():
        enqueue("work")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_cancelled_job_is_not_taken():
    queued = enqueue("work")
    assert cancel_jobs([queued.pk]) == [queued.pk]
    assert state(queued) == JobState.CANCELLED
    assert queued.finished_at
    assert claim(["work"], "one", 30) is None


def test_a_running_job_is_asked_to_stop():
    running = enqueue("work")
    lease = claim(["work"], "one", 30)
    assert lease and cancel_jobs([running.pk]) == [running.pk]
    assert state(running) == JobState.RUNNING
    assert lease.look() is True


@pytest.mark.parametrize("ended", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_what_has_ended_is_run_again_and_not_cancelled(ended: JobState):
    queued = enqueue("work")
    Job.objects.update(state=ended, attempts=5, run_at=Now() - LONG_AGO)
    assert cancel_jobs([queued.pk]) == []
    assert run_now([queued.pk]) == [queued.pk]
    lease = claim(["work"], "one", 30)
    assert lease and lease.attempt == 1


def test_a_running_job_is_not_queued_again():
    running = enqueue("work")
    claim(["work"], "one", 30)
    assert run_now([running.pk]) == []


def test_no_jobs_are_no_error():
    assert run_now([]) == cancel_jobs([]) == []


def test_a_schedule_has_one_row_for_each_kind_that_is_run_at_times():
    ensure_schedule()
    ensure_schedule()
    assert list(Job.objects.values_list("kind", "schedule_key")) == [("nightly", "nightly")]


def test_a_scheduled_job_that_was_cancelled_stays_off():
    ensure_schedule()
    cancel_jobs(Job.objects.values_list("pk", flat=True))
    ensure_schedule()
    assert Job.objects.get().state == JobState.CANCELLED


def test_old_jobs_go_once_they_have_ended():
    ended, waiting, recent = (enqueue("work") for _ in range(3))
    Job.objects.filter(pk=ended.pk).update(state=JobState.DONE, finished_at=Now() - LONG_AGO)
    Job.objects.filter(pk=waiting.pk).update(run_at=Now() - LONG_AGO)
    Job.objects.filter(pk=recent.pk).update(state=JobState.DONE, finished_at=Now())
    assert remove_old_jobs() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {waiting.pk, recent.pk}


def test_a_schedule_that_nobody_has_any_more_goes_too():
    ensure_schedule()
    assert remove_old_jobs() == 0
    Job.objects.update(run_at=Now() - LONG_AGO)
    assert remove_old_jobs() == 1


def test_jobs_of_a_workspace_go_with_it(acme: Tenant, globex: Tenant):
    for tenant in (acme, globex):
        enqueue("work", workspace_id=tenant.workspace.pk)
    delete_workspace(workspace_id=acme.workspace.pk, force=True)
    assert [row.workspace_id for row in Job.objects.all()] == [globex.workspace.pk]


def test_back_off_doubles_up_to_an_hour_with_jitter():
    waits = [[back_off(attempt).total_seconds() for _ in range(200)] for attempt in (1, 2, 3, 60)]
    for around, seen in zip((10, 20, 40, 3600), waits, strict=True):
        assert around * 0.5 <= min(seen) < around < max(seen) <= around * 1.5
