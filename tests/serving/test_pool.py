"""Threads take requests in their order, shares keep some of them free, and no wait is without an end."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from config.serving.pool import Job, Pool, Share
from config.serving.reasons import Away, Late
from messaging.waits import Gate

PATIENCE = 0.05


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Jobs that wait for it end with the test at the latest."""
    event = threading.Event()
    yield event
    event.set()


def hold(release: threading.Event) -> Callable[[float], object]:
    """Work that occupies its thread until then."""
    return lambda waited: release.wait(10)


async def until_taken(*jobs: Job) -> None:
    async with asyncio.timeout(10):
        while any(job.started is None for job in jobs):
            await asyncio.sleep(0.005)


async def until_empty(pool: Pool) -> None:
    """A thread gives its share back a moment after its result."""
    async with asyncio.timeout(10):
        while not pool.is_empty:
            await asyncio.sleep(0.005)


async def test_work_is_done_on_a_thread_and_told_how_long_it_waited():
    job = Pool(1, PATIENCE).submit(lambda waited: (waited >= 0, threading.current_thread().name))
    assert await job.result == (True, "request-1")


async def test_what_the_work_raises_reaches_who_waits():
    with pytest.raises(ZeroDivisionError):
        await Pool(1, PATIENCE).submit(lambda waited: 1 / 0).result


async def test_a_late_job_is_refused_and_never_done(release: threading.Event):
    pool = Pool(1, PATIENCE)
    done: list[float] = []
    first = pool.submit(hold(release))
    await until_taken(first)
    late = pool.submit(done.append)
    await asyncio.sleep(2 * PATIENCE)
    [waited] = pool.refuse_late()
    with pytest.raises(Late):
        await late.result
    assert waited > PATIENCE
    release.set()
    await pool.submit(lambda waited: None).result
    assert done == []


async def test_all_threads_are_used_however_fast_jobs_arrive(release: threading.Event):
    pool = Pool(4, PATIENCE)
    await pool.submit(lambda waited: None).result
    await until_taken(*(pool.submit(hold(release)) for _ in range(4)))
    assert not pool.is_empty


async def test_a_share_leaves_threads_to_others(release: threading.Event):
    pool, share = Pool(4, PATIENCE), Share("one lock", 2, 60)
    held = [pool.submit(hold(release), share) for _ in range(4)]
    await until_taken(*held[:2])
    assert await pool.submit(lambda waited: "served").result == "served"
    assert [job.started is None for job in held] == [False, False, True, True]
    release.set()
    await asyncio.gather(*(job.result for job in held))
    await until_empty(pool)


async def test_who_waits_for_a_share_has_the_patience_of_the_share(release: threading.Event):
    pool, share = Pool(2, PATIENCE), Share("one lock", 1, 60)
    held = [pool.submit(hold(release), share) for _ in range(2)]
    await until_taken(held[0])
    await pool.submit(lambda waited: None).result
    await asyncio.sleep(2 * PATIENCE)
    assert pool.refuse_late() == []
    release.set()
    await held[1].result


async def test_a_share_that_was_full_is_served_in_its_order(release: threading.Event):
    pool, share = Pool(4, PATIENCE), Share("one lock", 1, 60)
    order: list[int] = []
    first = pool.submit(hold(release), share)
    await until_taken(first)
    jobs = [pool.submit(partial(lambda number, waited: order.append(number), n), share) for n in range(20)]
    release.set()
    await asyncio.gather(*(job.result for job in jobs))
    assert order == list(range(20))


async def test_who_waits_for_a_storage_leaves_its_lock_to_others(release: threading.Event):
    pool, lock = Pool(4, PATIENCE), Share("one lock", 1, 60, is_lock=True)

    def store(waited: float) -> None:
        with Gate().passed():
            release.wait(10)

    storing = pool.submit(store, lock)
    await until_taken(storing)
    assert await pool.submit(lambda waited: "served", lock).result == "served"
    assert await pool.submit(lambda waited: "served too", lock).result == "served too"
    release.set()
    await storing.result
    await until_empty(pool)
    assert not pool._occupied


async def test_all_can_be_refused_at_once(release: threading.Event):
    pool = Pool(1, PATIENCE)
    running = pool.submit(hold(release))
    await until_taken(running)
    waiting = pool.submit(hold(release))
    pool.refuse_all(Away(), older_than=0)
    for job in (running, waiting):
        with pytest.raises(Away):
            await job.result
    release.set()
    assert await pool.submit(lambda waited: "served").result == "served"
