"""Workers side by side: each job is run by one of them, each row of the schedule is written once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock

import pytest
from django.db import connection

from messaging.jobs import PLAIN, Context, Worker, enqueue, job
from messaging.jobs.lease import claim
from messaging.jobs.queue import ensure_schedule
from messaging.models import Job

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS, JOBS = 4, 24


def at_once(call: Callable[[int], object]) -> list[object]:
    """What this returns in as many threads as there are workers, which begin together."""
    barrier = Barrier(WORKERS)

    def run(number: int) -> object:
        try:
            barrier.wait(10)
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def test_each_row_of_a_schedule_is_written_once():
    for number in range(5):
        job(f"at times, {number}", every=timedelta(days=1))(lambda context: None)
    at_once(lambda number: ensure_schedule())
    assert Job.objects.count() == 5


def test_one_claim_of_many_gets_the_job():
    job("work")(lambda context: None)
    enqueue("work")
    leases = at_once(lambda number: claim(["work"], str(number), 30))
    assert len([lease for lease in leases if lease]) == 1


def test_no_job_is_run_twice_or_left():
    lock, runs, at_work = Lock(), Counter[int](), Counter[int]()

    @job("work")
    def work(context: Context = PLAIN, *, number: int) -> None:
        with lock:
            assert not at_work[number]
            at_work[number] += 1
            runs[number] += 1
        with lock:
            at_work[number] -= 1

    for number in range(JOBS):
        enqueue("work", parameters={"number": number})
    at_once(lambda number: Worker(idle=0.05).run(once=True))
    assert runs == Counter(range(JOBS))
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 0)}
