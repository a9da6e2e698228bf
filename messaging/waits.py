"""Waiting for something besides the database, a storage or a model, so that others are served meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

__all__ = ["Closed", "Gate", "while_elsewhere"]

SLOW_SECONDS = 1.0
"""A failure that took longer than this will occupy the next thread for as long."""
PAUSE_SECONDS = 5.0
"""For so long nobody else is sent into it, and afterwards one at a time until it works."""
TURN_SECONDS = 0.5
"""For so long a thread waits until one of those that may pass at once is back."""

while_elsewhere: ContextVar[Callable[[], AbstractContextManager[object]]] = ContextVar(
    "while_elsewhere", default=nullcontext
)
"""Set by a server for its thread: what is entered while the thread waits elsewhere, with no lock held."""


class Closed(Exception):
    """Nobody is sent there now."""


class Gate:
    """The way to something outside, which many threads of this process use.

    Threads that wait there serve nobody else, so a gate closes for a while after a failure that took long,
    and with `at_once` only so many are there at the same time.
    """

    def __init__(self, *, at_once: int | None = None) -> None:
        self._lock = threading.Lock()
        self._turns = None if at_once is None else threading.BoundedSemaphore(at_once)
        self._until: float | None = None
        self._is_tried = False

    @contextmanager
    def passed(self, *, answers: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Within, it is asked. Raises Closed; `answers` are exceptions that show that it works."""
        with self._turn():
            self._require_open()
            began, failed_after = time.monotonic(), None
            try:
                with while_elsewhere.get()():
                    yield
            except answers:
                raise
            except Exception:
                failed_after = time.monotonic() - began
                raise
            finally:
                self._note(failed_after)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._turns is None:
            yield
            return
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise Closed
        try:
            yield
        finally:
            self._turns.release()

    def _require_open(self) -> None:
        with self._lock:
            if self._until is None:
                return
            if self._is_tried or time.monotonic() < self._until:
                raise Closed
            self._is_tried = True

    def _note(self, failed_after: float | None) -> None:
        """What came of it: None, or the seconds after which it failed."""
        with self._lock:
            self._is_tried = False
            if failed_after is None:
                self._until = None
            elif failed_after > SLOW_SECONDS:
                self._until = time.monotonic() + PAUSE_SECONDS
