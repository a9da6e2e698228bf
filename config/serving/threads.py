"""The threads of a process, and the watch over them: who waits too long, and whether the database answers."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from .health import Health
from .pool import Job, Pool, Share
from .reasons import Away

__all__ = ["Threads"]

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

WATCH_SECONDS = 0.1
"""How often the queue is looked through while there is one."""
SUSPICIOUS_SECONDS = 0.5
"""A thread that has been at a request for so long may be waiting for a database that is away."""
LOG_SECONDS = 10.0
"""The log reports refusals at most this often."""


class Threads:
    """Has requests served by the threads of one pool, and long answers made by those of another.

    While the database does not answer, whatever asks for a thread is refused with Away.
    """

    def __init__(self, requests: Pool, streams: Pool, health: Health) -> None:
        self._requests, self._streams, self._health = requests, streams, health
        self._watch: asyncio.TimerHandle | None = None
        self._refused, self._log_after = 0, 0.0

    @property
    def busy(self) -> int:
        """How many threads are at work for requests."""
        return self._requests.busy

    async def serve(self, work: Callable[[float], Result], *shares: Share) -> Result:
        """What the work returns, which is told the seconds that it has waited. Raises Late, Away."""
        result: Result = await self._submit(self._requests, work, *shares).result
        return result

    def stream(self, work: Callable[[float], None]) -> Job:
        """Have a thread make a long answer. The job fails with Late, Away."""
        return self._submit(self._streams, work)

    def _submit(self, pool: Pool, work: Callable[[float], object], *shares: Share) -> Job:
        if self._health.is_away:
            raise Away
        job = pool.submit(work, *shares)
        self._keep_watch()
        return job

    def _keep_watch(self) -> None:
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._look)

    def _look(self) -> None:
        self._watch = None
        self._refuse_late()
        if self._requests.longest_run > SUSPICIOUS_SECONDS:
            self._health.suspect()
        if self._health.is_away:
            self._requests.refuse_all(Away(), older_than=SUSPICIOUS_SECONDS)
        if not (self._requests.is_empty and self._streams.is_empty):
            self._keep_watch()

    def _refuse_late(self) -> None:
        waited = [*self._requests.refuse_late(), *self._streams.refuse_late()]
        if not waited:
            return
        self._refused += len(waited)
        if (now := time.monotonic()) >= self._log_after:
            message = "overloaded: %d requests refused, the last after %.1f s"
            logger.warning(message, self._refused, waited[-1])
            self._refused, self._log_after = 0, now + LOG_SECONDS
