"""A fixed number of threads and the queue before them: in order of arrival, and no wait without an end.

A request belongs to shares: those that lock one conversation are one, those of one key another. A share
occupies only so many threads. What exceeds it waits aside, so that whoever comes behind it is served.
"""

import asyncio
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from messaging.waits import while_elsewhere

from .reasons import Late

__all__ = ["Job", "Pool", "Share"]


@dataclass(frozen=True, slots=True)
class Share:
    """What requests with something in common may occupy."""

    name: str
    threads: int
    patience: float
    """Seconds for which a request waits for one of these threads before it is refused."""
    is_lock: bool = False
    """Whether its requests wait for one lock, which none holds while it waits elsewhere, as for a storage."""


class Job:
    """Work for a thread, and the future in which the loop gets its result."""

    __slots__ = ("_loop", "aside", "result", "shares", "since", "started", "work")

    def __init__(self, work: Callable[[float], object], shares: tuple[Share, ...]) -> None:
        self.work, self.shares = work, shares
        self._loop = asyncio.get_running_loop()
        self.result: asyncio.Future[Any] = self._loop.create_future()
        self.since = time.monotonic()
        self.started: float | None = None
        self.aside: Share | None = None
        """The share whose threads are all occupied."""

    def run(self) -> None:
        """Do the work, which is told the seconds that it has waited."""
        self.started = time.monotonic()
        try:
            value = self.work(self.started - self.since)
        except BaseException as error:  # whatever it is, a client waits for an answer
            self._tell(self.fail, error)
        else:
            self._tell(self._succeed, value)

    def fail(self, error: BaseException) -> None:
        """End the wait of the loop; a thread that is at work goes on, and its result is dropped."""
        if not self.result.done():
            self.result.set_exception(error)

    def _succeed(self, value: object) -> None:
        if not self.result.done():
            self.result.set_result(value)

    def _tell(self, how: Callable[[Any], None], what: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(how, what)


class Pool:
    """Runs jobs on `threads` threads, each of which it starts when the others are busy.

    Its methods are called on the loop. `patience` is in seconds.
    """

    def __init__(self, threads: int, patience: float) -> None:
        self.threads, self.patience = threads, patience
        self._changed = threading.Condition()
        self._ready: deque[Job] = deque()
        self._aside: dict[Share, deque[Job]] = {}
        self._occupied: Counter[Share] = Counter()
        self._running: set[Job] = set()
        self._started = self._idle = 0

    def submit(self, work: Callable[[float], object], *shares: Share) -> Job:
        """Have a thread do the work. `refuse_late` fails a job that waits too long."""
        job = Job(work, shares)
        with self._changed:
            self._ready.append(job)
            self._wake()
        return job

    def refuse_late(self) -> list[float]:
        """Fail the jobs that have waited too long; the seconds that each of them waited."""
        now = time.monotonic()
        with self._changed:
            late = [job for job in self._waiting() if now - job.since > self._patience_of(job)]
        for job in late:
            job.fail(Late(now - job.since))
        return [now - job.since for job in late]

    def refuse_all(self, error: Exception, *, older_than: float) -> None:
        """Fail what waits, and what a thread has been at for longer than so many seconds."""
        now = time.monotonic()
        with self._changed:
            jobs = [*self._waiting(), *(job for job in self._running if now - job.since > older_than)]
        for job in jobs:
            job.fail(error)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits and nothing runs."""
        with self._changed:
            return not self._running and not any(self._waiting())

    @property
    def busy(self) -> int:
        """How many threads are at work."""
        with self._changed:
            return len(self._running)

    @property
    def longest_run(self) -> float:
        """The seconds for which a thread has been at its job, the longest of them."""
        with self._changed:
            started = min((job.started for job in self._running if job.started), default=None)
        return 0.0 if started is None else time.monotonic() - started

    def _waiting(self) -> Iterator[Job]:
        for queue in (self._ready, *self._aside.values()):
            yield from (job for job in queue if not job.result.done())

    def _patience_of(self, job: Job) -> float:
        return max(self.patience, job.aside.patience) if job.aside else self.patience

    def _wake(self) -> None:
        """Have one more thread look for a job; it counts as busy from now on."""
        if self._idle:
            self._idle -= 1
            self._changed.notify()
        elif self._started < self.threads:
            self._started += 1
            threading.Thread(target=self._serve, name=f"request-{self._started}", daemon=True).start()

    def _serve(self) -> None:
        while True:
            job = self._take()
            outside = while_elsewhere.set(partial(self._outside, job))
            job.run()
            while_elsewhere.reset(outside)
            self._give_back(job)
            del job  # its body and its answer are not kept while the thread is idle

    def _take(self) -> Job:
        """The next job whose shares have a thread free."""
        with self._changed:
            while (job := self._next()) is None:
                self._idle += 1
                self._changed.wait()
            self._running.add(job)
            self._occupied.update(job.shares)
            return job

    def _next(self) -> Job | None:
        while self._ready:
            job = self._ready.popleft()
            if job.result.done():  # refused meanwhile
                continue
            job.aside = next((share for share in job.shares if self._is_full(share)), None)
            if job.aside is None:
                return job
            self._aside.setdefault(job.aside, deque()).append(job)
        return None

    def _is_full(self, share: Share) -> bool:
        return self._occupied[share] >= share.threads

    def _give_back(self, job: Job) -> None:
        with self._changed:
            self._running.discard(job)
            self._leave(job.shares)

    @contextmanager
    def _outside(self, job: Job) -> Iterator[None]:
        """Within, others may have the threads of its locks. It began first, so it queues for none again."""
        locks = [share for share in job.shares if share.is_lock]
        with self._changed:
            self._leave(locks)
        try:
            yield
        finally:
            with self._changed:
                self._occupied.update(locks)

    def _leave(self, shares: Iterable[Share]) -> None:
        for share in shares:
            self._occupied[share] -= 1
            if not self._occupied[share]:
                del self._occupied[share]
            self._call_in(share)

    def _call_in(self, share: Share) -> None:
        """One of those aside is the next."""
        queue = self._aside.get(share)
        while queue and not self._is_full(share):
            job = queue.popleft()
            if not job.result.done():
                self._ready.appendleft(job)
                self._wake()
                break
        if queue is not None and not queue:
            del self._aside[share]
