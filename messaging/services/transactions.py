"""What writes share: on which database they run and how their signals leave; and reading one moment of it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from types import TracebackType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections, transaction
from django.dispatch import Signal

from messaging.models import Message
from messaging.sql import databases
from messaging.sql.confirmation import CommitUnconfirmed, require_confirmed
from messaging.sql.databases import read_database, reading_from

logger = logging.getLogger("messaging")

_undivided = ContextVar("undivided", default=False)
_commits = ContextVar("commits", default=0)


def write_database() -> str:
    """Alias of the database that takes writes. All tables of the store live in one."""
    return databases.write_database(Message)


def note_commit(using: str) -> None:
    """Something is stored. Raises CommitUnconfirmed where that is not certain."""
    _commits.set(commits() + 1)
    require_confirmed(using)


def commits() -> int:
    """How much was stored in this context, as a number that grows."""
    return _commits.get()


class _Writing(transaction.Atomic):
    """A transaction that is going to write.

    On SQLite it takes the lock of the writer as it begins, whatever the host's settings say: one that reads
    first and finds that somebody else has written meanwhile would fail at once, and not wait.
    """

    def __enter__(self) -> None:
        connection: Any = transaction.get_connection(self.using)
        if connection.vendor != "sqlite" or connection.in_atomic_block:
            return super().__enter__()
        connection.ensure_connection()  # which sets the mode to that of the settings
        usual, connection.transaction_mode = connection.transaction_mode, "IMMEDIATE"
        try:
            return super().__enter__()
        finally:
            connection.transaction_mode = usual

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        using = self.using or DEFAULT_DB_ALIAS
        connection: Any = connections[using]
        is_commit = kind is None and not connection.savepoint_ids and connection.commit_on_exit
        try:
            super().__exit__(kind, error, traceback)
        except (InterfaceError, OperationalError) as lost:
            if is_commit and connection.vendor == "postgresql":
                raise CommitUnconfirmed("The answer to the commit was lost") from lost
            raise
        if is_commit:
            note_commit(using)


def atomic(*, savepoint: bool = True) -> transaction.Atomic:
    """A transaction, or a part of one; without `savepoint` the part cannot be undone by itself."""
    return _Writing(write_database(), savepoint, durable=False)


@contextmanager
def reading_for_write() -> Iterator[None]:
    """Within, or within what it decorates, reads see what was written: they decide what will be."""
    with reading_from(write_database()):
        yield


@contextmanager
def undivided() -> Iterator[None]:
    """A transaction, or a part of one, that no error within is outlived by.

    Its parts may do without savepoints, each of which is two round trips: see `is_undivided`.
    """
    with atomic():
        token = _undivided.set(True)
        try:
            yield
        finally:  # before the commit, for receivers run in it and write in transactions of their own
            _undivided.reset(token)


def is_undivided() -> bool:
    """Whether this is within `undivided`."""
    return _undivided.get()


def as_parameter(moment: datetime) -> Any:
    """A moment as a value of SQL that is written by hand."""
    return connections[write_database()].ops.adapt_datetimefield_value(moment)


@contextmanager
def reading_snapshot() -> Iterator[None]:
    """Within, this thread reads the store as it is now, however long that takes, and must not write.

    Inside a transaction it is that transaction which decides what is seen.
    """
    using = read_database(Message)
    connection = connections[using]
    with reading_from(using):
        if connection.in_atomic_block:
            yield
        elif connection.vendor == "sqlite":
            # Not `atomic`, which takes the lock of the writer where the settings say so.
            with connection.cursor() as cursor:
                cursor.execute("BEGIN DEFERRED")
                try:
                    yield
                finally:
                    cursor.execute("ROLLBACK")
        else:
            with transaction.atomic(using=using), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield


def send_after_commit(signal: Signal, sender: type, **details: Any) -> None:
    """Tell the receivers once the write is certain; one that fails is logged and hurts nobody else."""
    if not signal.has_listeners(sender):
        return

    def send() -> None:
        for receiver, outcome in signal.send_robust(sender, **details):
            if isinstance(outcome, Exception):
                logger.error("receiver %r failed", receiver, exc_info=outcome)

    transaction.on_commit(send, using=write_database())
