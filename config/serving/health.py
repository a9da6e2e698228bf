"""Whether the database answers, which a thread and a connection of their own find out."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .answers import Answer

__all__ = ["Health"]

SILENT_SECONDS = 1.0
"""The database is away once it has not answered for so long."""
SILENT = Answer(
    503,
    [(b"content-type", b"application/json"), (b"cache-control", b"no-store")],
    b'{"ready": false, "reason": "The database does not answer"}',
)


class Health:
    """Asks the database at most once at a time, and knows for how long it has owed an answer.

    `ask` answers a probe; it runs on a thread that does nothing else.
    """

    def __init__(self, ask: Callable[[], Answer]) -> None:
        self._ask = ask
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="probe")
        self._asked: asyncio.Future[Answer] | None = None
        self._since = 0.0

    @property
    def is_away(self) -> bool:
        """Whether the database has been silent for too long."""
        return self._is_asked and time.monotonic() - self._since > SILENT_SECONDS

    def suspect(self) -> None:
        """Ask, unless an answer is due: there is reason to believe that the database is silent."""
        if time.monotonic() - self._since > SILENT_SECONDS:
            self._question()

    async def answer(self) -> Answer:
        """The answer to a probe, within the time that the database has."""
        question = self._question()
        left = self._since + SILENT_SECONDS - time.monotonic()
        await asyncio.wait([question], timeout=max(0.0, left))
        return question.result() if question.done() else SILENT

    @property
    def _is_asked(self) -> bool:
        return self._asked is not None and not self._asked.done()

    def _question(self) -> "asyncio.Future[Answer]":
        if self._asked is None or self._asked.done():
            self._since = time.monotonic()
            self._asked = asyncio.get_running_loop().run_in_executor(self._thread, self._ask)
        return self._asked
