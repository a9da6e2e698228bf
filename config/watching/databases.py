"""Counts statements and errors of the database, connection by connection.

Not by Django's `execute_wrapper`: the store prepares no statement on a connection that has one.
"""

import threading
from types import TracebackType
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseErrorWrapper, Error

from messaging.sql.tally import tally

from .metrics import count_database_error

__all__ = ["watch_connections"]


class Watched(threading.local):
    """A thread has connections of its own, which it keeps."""

    is_on = False


_watched = Watched()


def watch_connections() -> None:
    """From now on count what this thread asks of its databases. It opens no connection."""
    if not _watched.is_on:
        _watched.is_on = True
        for alias in connections:
            _watch(connections[alias])


def _watch(connection: BaseDatabaseWrapper) -> None:
    def make_cursor(cursor: object) -> CursorWrapper:
        return CountingCursor(cursor, connection)

    setattr(connection, "make_cursor", make_cursor)  # noqa: B010  mypy takes no method for a variable
    # A cached property, which connecting, too, enters.
    vars(connection)["wrap_database_errors"] = CountingErrors(connection)


class CountingCursor(CursorWrapper):
    """A cursor of Django that counts the statements that it sends."""

    def execute(self, *args: Any, **kwargs: Any) -> object:
        tally.statements += 1
        return super().execute(*args, **kwargs)

    def executemany(self, *args: Any, **kwargs: Any) -> object:
        tally.statements += 1
        return super().executemany(*args, **kwargs)


class CountingErrors(DatabaseErrorWrapper):
    """Turns errors of the driver into those of Django, as its base does, and counts them."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            return
        try:
            super().__exit__(exc_type, exc_value, traceback)
        except Error as error:
            count_database_error(type(error).__name__)
            raise
