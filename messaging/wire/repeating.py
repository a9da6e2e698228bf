"""A request that the database undid, for a reason that passes, is done again; its client notices nothing."""

from collections.abc import Callable
from typing import TypeVar

from django.db import Error, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.models import Message
from messaging.services.transactions import commits
from messaging.sql.confirmation import CommitUnconfirmed
from messaging.sql.databases import write_database
from messaging.sql.passing import LOCKED, STALE, is_undone, lock_wait_left, lock_wait_of, state_of

Result = TypeVar("Result")

READING = ("GET", "HEAD")
LEAST_SECONDS = 0.1
"""A lock is not awaited anew for less."""


def repeating(method: str | None, work: Callable[[], Result]) -> Result:
    """What `work` answers, which opens its own transactions; done once more where the first one was undone.

    A lock is awaited anew as long as `awaiting_locks` allows. What was lost with a connection is repeated
    only where it reads: of a write nobody knows whether it was done.
    """
    stored = commits()
    try:
        return work()
    except Error as error:
        if commits() != stored or any(connection.in_atomic_block for connection in _open_connections()):
            raise  # no half of it can be repeated
        if state_of(error) == LOCKED:
            return _awaiting(work, error, stored)
        if not _may_be_repeated(error, method):
            raise
        _renew_connections(is_stale=state_of(error) in STALE)
    return work()


def _renew_connections(*, is_stale: bool) -> None:
    for connection in _open_connections():
        if is_stale:
            connection.close()  # what it has prepared is not there any more
        else:
            connection.close_if_unusable_or_obsolete()


def _may_be_repeated(error: Error, method: str | None) -> bool:
    if isinstance(error, CommitUnconfirmed):
        return False
    is_lost = isinstance(error, OperationalError | InterfaceError) and not state_of(error)
    return is_undone(error) or (is_lost and method in READING and _is_closed())


def _is_closed() -> bool:
    """Whether a connection to the database was lost, and not just refused something."""
    return any(not connection.is_usable() for connection in _open_connections())


def _open_connections() -> list[BaseDatabaseWrapper]:
    return [each for each in connections.all(initialized_only=True) if each.connection is not None]


def _awaiting(work: Callable[[], Result], error: Error, stored: int) -> Result:
    """Wait for the lock anew: who is first in line has waited for one of the two steps that it may take."""
    while (left := lock_wait_left()) > LEAST_SECONDS:
        with lock_wait_of(left, write_database(Message)):
            try:
                return work()
            except OperationalError as again:
                if state_of(again) != LOCKED or commits() != stored:
                    raise
                error = again
    raise error
