"""How long a request may wait in the database. Commands of the operator may take their time."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.conf import settings
from django.db import connection, connections

from messaging.sql.passing import STEPS, awaiting_locks, lock_wait_of

__all__ = ["LEAST_SECONDS", "bound_statements", "lock_wait_shortened_by"]

LEAST_SECONDS = 0.5
"""What a request that has a thread may wait for a lock at least; less in the queue is not subtracted."""


def bound_statements() -> None:
    """Give every connection made from now on the deadlines of the settings; 0 leaves one out."""
    for config in connections.settings.values():
        options = config.setdefault("OPTIONS", {})
        if config["ENGINE"].endswith("sqlite3"):
            options["timeout"] = settings.LOCK_SECONDS or options.get("timeout", 5.0)
        elif deadlines := _postgresql_options():
            options["options"] = f"{options.get('options', '')} {deadlines}".strip()


def _postgresql_options() -> str:
    # Together with a wait in the queue that is not subtracted; what is left then is awaited anew.
    at_first = settings.LOCK_SECONDS - min(LEAST_SECONDS, settings.LOCK_SECONDS / 2)
    limits = {
        "lock_timeout": at_first / STEPS,
        "statement_timeout": settings.STATEMENT_SECONDS,
    }
    return " ".join(f"-c {name}={_milliseconds(value)}" for name, value in limits.items() if value)


@contextmanager
def lock_wait_shortened_by(waited: float) -> Iterator[None]:
    """Within, a lock is awaited for so many seconds less, so that queue and lock together take no longer."""
    if not settings.LOCK_SECONDS:
        yield
        return
    left = max(LEAST_SECONDS, settings.LOCK_SECONDS - waited)
    with awaiting_locks(left), _bounded(left) if waited >= LEAST_SECONDS else nullcontext():
        yield


def _bounded(seconds: float) -> AbstractContextManager[None]:
    return (
        _busy_timeout(seconds) if connection.vendor == "sqlite" else lock_wait_of(seconds, connection.alias)
    )


@contextmanager
def _busy_timeout(seconds: float) -> Iterator[None]:
    _run(f"PRAGMA busy_timeout = {_milliseconds(seconds)}")
    try:
        yield
    finally:
        _run(f"PRAGMA busy_timeout = {_milliseconds(settings.LOCK_SECONDS)}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
