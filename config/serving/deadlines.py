"""How long a request may wait in the database. Commands of the operator may take their time."""

import contextlib
from collections.abc import Iterator

from django.conf import settings
from django.db import connection, connections

__all__ = ["LEAST_SECONDS", "bound_statements", "lock_wait_shortened_by"]

LEAST_SECONDS = 0.5
"""What a request that has a thread may wait for a lock at least; less in the queue is not subtracted."""
STEPS = 2
"""PostgreSQL waits for a row in two steps, for its turn and for the row, and bounds each of them alone."""


def bound_statements() -> None:
    """Give every connection made from now on the deadlines of the settings; 0 leaves one out."""
    for config in connections.settings.values():
        options = config.setdefault("OPTIONS", {})
        if config["ENGINE"].endswith("sqlite3"):
            options["timeout"] = settings.LOCK_SECONDS or options.get("timeout", 5.0)
        elif deadlines := _postgresql_options():
            options["options"] = f"{options.get('options', '')} {deadlines}".strip()


def _postgresql_options() -> str:
    limits = {
        "lock_timeout": settings.LOCK_SECONDS / STEPS,
        "statement_timeout": settings.STATEMENT_SECONDS,
        # Who reads changes waits for the oldest transaction.
        "idle_in_transaction_session_timeout": settings.IDLE_TRANSACTION_SECONDS,
    }
    return " ".join(f"-c {name}={_milliseconds(value)}" for name, value in limits.items() if value)


@contextlib.contextmanager
def lock_wait_shortened_by(waited: float) -> Iterator[None]:
    """Within, a lock is awaited for so many seconds less, so that queue and lock together take no longer."""
    if waited < LEAST_SECONDS or not settings.LOCK_SECONDS:
        yield
        return
    _set_lock_wait(max(LEAST_SECONDS, settings.LOCK_SECONDS - waited))
    try:
        yield
    finally:
        _set_lock_wait(settings.LOCK_SECONDS)


def _set_lock_wait(seconds: float) -> None:
    if connection.vendor == "sqlite":
        statement = f"PRAGMA busy_timeout = {_milliseconds(seconds)}"
    else:
        statement = f"SET lock_timeout = {_milliseconds(seconds / STEPS)}"
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
