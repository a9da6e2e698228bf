"""Of many workers one has a job, for as long as it gives signs of life."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from messaging.jobs import enqueue, job
from messaging.jobs.lease import Lease, Progress, claim
from messaging.models import Job

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def queued() -> Job:
    @job("work")
    def work(context: object, of: str = "") -> None: ...

    return enqueue("work", parameters={"of": "acme"})


def take(holder: str = "one") -> Lease | None:
    return claim(["work"], holder, 30)


def taken(holder: str = "one") -> Lease:
    lease = take(holder)
    assert lease
    return lease


def let_lapse(queued: Job) -> None:
    Job.objects.filter(pk=queued.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_job_is_taken_with_what_it_is_told(queued: Job):
    lease = taken()
    assert (lease.job_id, lease.kind, lease.parameters) == (queued.pk, "work", {"of": "acme"})
    queued.refresh_from_db()
    assert (queued.state, queued.leased_by, queued.attempts) == ("running", "one", 1)
    assert queued.lease_until and queued.heartbeat_at
    assert queued.lease_until - queued.heartbeat_at == timedelta(seconds=30)


def test_the_clock_of_the_lease_is_that_of_the_database(queued: Job, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(timezone, "now", lambda: (_ for _ in ()).throw(AssertionError("the clock of Python")))
    assert taken().renew(30, Progress()) is False


def test_nobody_else_takes_it(queued: Job):
    taken()
    assert take("two") is None


def test_a_job_of_another_kind_is_left_alone(queued: Job):
    assert claim(["other"], "one", 30) is None


def test_a_job_waits_for_its_time(queued: Job):
    Job.objects.filter(pk=queued.pk).update(run_at=Now() + MINUTE)
    assert take() is None


def test_the_longest_due_goes_first(queued: Job):
    later = enqueue("work", run_at=timezone.now() - MINUTE)
    assert [taken().job_id, taken().job_id] == [later.pk, queued.pk]


def test_a_lapsed_lease_is_taken_over(queued: Job):
    taken("one")
    let_lapse(queued)
    lease = taken("two")
    assert (lease.job_id, lease.holder, lease.attempt) == (queued.pk, "two", 2)


def test_a_renewed_lease_is_not(queued: Job):
    lease = taken("one")
    let_lapse(queued)
    assert lease.renew(30, Progress()) is False
    assert take("two") is None


@pytest.mark.parametrize(
    "end",
    [
        lambda lease: lease.succeed({"removed": 1}, None),
        lambda lease: lease.retry("Error", MINUTE, attempts=1, failures=1),
        lambda lease: lease.fail("Error", None, failures=1),
        lambda lease: lease.cancel(),
        lambda lease: lease.give_back(),
        lambda lease: lease.renew(30, Progress(1, 2, "x")) is not None,
        lambda lease: lease.look() is not None,
    ],
)
def test_whoever_lost_a_lease_changes_nothing(queued: Job, end):
    lost = taken("one")
    let_lapse(queued)
    taken("two")
    before = Job.objects.values().get()
    assert end(lost) is False
    assert Job.objects.values().get() == before


def test_the_attempt_fences_as_well_as_the_holder(queued: Job):
    lost = taken("one")
    let_lapse(queued)
    taken("one")
    assert lost.succeed(None, None) is False


def test_a_job_that_is_given_back_is_taken_at_once_and_loses_no_attempt(queued: Job):
    assert taken("one").give_back()
    assert taken("two").attempt == 1


def test_progress_stands_in_the_row(queued: Job):
    taken().renew(30, Progress(3, 10, "files"))
    queued.refresh_from_db()
    assert (queued.progress_done, queued.progress_total, queued.progress_note) == (3, 10, "files")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone")
@pytest.mark.django_db(transaction=True)
def test_where_nothing_is_due_a_worker_takes_no_lock():
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert take() is None
