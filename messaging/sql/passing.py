"""What PostgreSQL says when it undid something for a reason that passes, and how long a lock is awaited."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from django.db import Error, connections

LOCKED = "55P03"
CHANGED = "0A000"
STALE = frozenset({CHANGED, "26000", "42P05"})
"""A migration changed what a prepared statement answers; the session was emptied, or is that of another."""
UNDONE = STALE | {LOCKED, "40001", "40P01", "57P01", "57P02", "57P03"}
"""Also a lock that was not free in time, conflicts with other writers, a server that stops or starts."""

STEPS = 2
"""PostgreSQL waits for a row in two steps, for its turn and for the row, and bounds each of them alone."""

_deadline: ContextVar[float] = ContextVar("lock_deadline", default=0.0)


def state_of(error: BaseException) -> str:
    """The SQLSTATE of an error of PostgreSQL; empty for any other."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_undone(error: Error) -> bool:
    """Whether nothing is left of what raised this, and the same may succeed in another session."""
    return state_of(error) in UNDONE


def is_passing(error: Error) -> bool:
    """The same once it was tried in another session, whose statements no migration has overtaken."""
    return is_undone(error) and state_of(error) != CHANGED


@contextmanager
def awaiting_locks(seconds: float) -> Iterator[None]:
    """Within, locks may be awaited for so long altogether."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def lock_wait_left() -> float:
    """The seconds for which a lock may still be awaited; 0 where nobody said how long."""
    return max(0.0, _deadline.get() - time.monotonic())


@contextmanager
def lock_wait_of(seconds: float, using: str) -> Iterator[None]:
    """Within, PostgreSQL gives up a lock after so long, both steps together."""
    _run(f"SET lock_timeout = {round(seconds / STEPS * 1000)}", using)
    try:
        yield
    finally:
        with suppress(Error):  # a session that was lost takes its own along
            _run("RESET lock_timeout", using)


def _run(statement: str, using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(statement)
