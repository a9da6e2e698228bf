"""The worker: threads that run what is due, and a thread for each loop whose lease it can get.

Any number of workers may run, on any number of machines. One that dies loses its leases, and the others
take its jobs over.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextvars import copy_context
from functools import partial

from django.db import DatabaseError, InterfaceError, connections

from messaging.conf import parley_settings
from messaging.models import Job
from messaging.sql.databases import write_database
from messaging.sql.leases import new_holder

from .context import Context, UntilStopped
from .keeper import BEATS, Held, Keeper
from .lease import claim
from .queue import ensure_schedule
from .registry import Kind, kinds
from .running import Ending, run_job, run_loop

logger = logging.getLogger("messaging")

LONGEST_PAUSE = 10.0
"""Seconds between two attempts to reach a database that is away."""
SCHEDULE_SECONDS = 60.0
"""How often the rows of the schedule are looked after."""

Run = Callable[[Kind, Held], Ending]


class Worker:
    """Runs jobs of these kinds, or of all that are registered, until it is stopped."""

    def __init__(
        self,
        only: Collection[str] | None = None,
        *,
        threads: int = 2,
        idle: float = 1.0,
        patience: float = 10.0,
    ) -> None:
        """`threads`: how many jobs run at once; `idle`: seconds between two looks at the table;
        `patience`: seconds that a stop leaves to jobs."""
        vendor = connections[write_database(Job)].vendor
        self.kinds = {
            name: kind
            for name, kind in kinds().items()
            if vendor in kind.vendors and (only is None or name in only)
        }
        self.threads, self.idle, self.patience = threads, idle, patience
        self.lease_seconds = parley_settings().job_lease_seconds
        self._tick = min(idle, self.lease_seconds / BEATS)
        self.stopping = threading.Event()
        self.keeper = Keeper()
        self.has_failed = False
        """Whether the table of jobs could not be reached."""
        self._schedule_at = 0.0

    def stop(self) -> None:
        """Have `run` return: jobs are told, and what they leave undone goes to other workers."""
        self.stopping.set()

    def run(self, *, once: bool = False, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """Work until stopped, or until `is_wanted`, which is asked every second, says no; with `once`, until
        nothing is due, with one step of each loop.

        Returns at most `patience` seconds after a stop. A job that has not ended by then ends with the
        process, and is taken over when its lease has ended.
        """
        threads = [
            # In the context of the caller, who may have chosen a database.
            threading.Thread(target=copy_context().run, args=(self._repeat, work, once), daemon=True)
            for work in self._works(once)
        ]
        self._tend()  # the schedule, before there is anybody to run it
        for thread in threads:
            thread.start()
        while _alive(threads) and is_wanted() and not self.stopping.wait(self._tick):
            self._tend()
        self.stop()
        self._await(threads)
        connections.close_all()

    def _works(self, once: bool) -> Iterator[Callable[[], bool]]:
        """What each thread repeats; the answer is whether there was something to do."""
        jobs = {name for name, kind in self.kinds.items() if not (kind.is_loop or kind.is_shared)}
        yield from [partial(self._work, jobs, run_job)] * self.threads
        for kind in self.kinds.values():
            if kind.is_shared:
                yield partial(_share, kind, UntilStopped(self.stopping))
            elif kind.is_loop:
                yield partial(self._work, {kind.name}, partial(run_loop, once=once))

    def _work(self, names: Collection[str], run: Run) -> bool:
        """Claim one of these kinds and see it through; whether there was one."""
        holder = new_holder()
        since, lease = time.monotonic(), claim(names, holder, self.lease_seconds)
        if lease is None:
            return False
        held = Held(lease, self.stopping, self.lease_seconds, since)
        self.keeper.take(held)
        try:
            self._settle(held, run(self.kinds[lease.kind], held))
        finally:
            self.keeper.drop(held)
        return not self.kinds[lease.kind].is_loop

    def _settle(self, held: Held, end: Ending) -> None:
        """Write how it ended, also where the database comes back only after a while."""
        while True:
            try:
                if not end():
                    logger.warning("the lease of job %s was lost", held.lease.kind)
                return
            except (DatabaseError, InterfaceError):
                connections.close_all()
                if held.has_lapsed:
                    raise
                time.sleep(self.idle)

    def _repeat(self, work: Callable[[], bool], once: bool) -> None:
        """Repeat the work, with a pause where there is none, also through times without a database."""
        failures = 0
        while not self.stopping.is_set():
            try:
                is_done, failures = work(), 0
            except Exception as error:
                is_done, failures = False, failures + 1
                self._note(error, failures)
            if once and not is_done:
                break
            if not is_done:
                self.stopping.wait(min(self.idle * 2**failures, LONGEST_PAUSE))
        connections.close_all()

    def _tend(self) -> None:
        """Look after leases and schedule."""
        self.keeper.tend()
        if time.monotonic() < self._schedule_at:
            return
        try:
            ensure_schedule()
            self._schedule_at = time.monotonic() + SCHEDULE_SECONDS
        except Exception as error:
            self._note(error, 1)

    def _await(self, threads: Collection[threading.Thread]) -> None:
        """Wait until they have ended, or for as long as our patience lasts; leases are kept meanwhile."""
        deadline = time.monotonic() + self.patience
        while (alive := _alive(threads)) and time.monotonic() < deadline:
            alive[0].join(timeout=min(self._tick, 0.2))
            self.keeper.tend()

    def _note(self, error: Exception, failures: int) -> None:
        connections.close_all()
        self.has_failed = True
        if failures == 1:
            logger.warning("the table of jobs cannot be reached: %s", error)


def _share(kind: Kind, context: Context) -> bool:
    """Do a step of a loop that every worker runs; whether there was something to do."""
    return bool(kind.run(context))


def _alive(threads: Collection[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threads if thread.is_alive()]
