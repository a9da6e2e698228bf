"""Running SQL that is written once, and how PostgreSQL and SQLite prepare it."""

import json
import logging
import re
from collections.abc import Callable, Sequence
from functools import cache
from operator import methodcaller
from typing import Any, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.conf import parley_settings

from .passing import STALE, state_of
from .tally import tally

logger = logging.getLogger("messaging")

PREPARE_AFTER = 5
"""Times a connection runs a statement before it is worth the round trip of preparing it."""
POOLED = "_parley_pooled"
"""Where a connection keeps that of the driver, and whether it leads to a pooler."""
CURSOR = "_parley_cursor"
"""Where a connection keeps it."""
PLACEHOLDER = re.compile(r"(?<!%)%s")

Result = TypeVar("Result")
Row = tuple[Any, ...]


def reconnecting(using: str, work: Callable[[], Result]) -> Result:
    """What the first statement of a request answers; it must only read.

    A connection that died while it was idle is noticed here and replaced, for which Django's own health
    check would take a round trip of every request. Raises what `work` raises where a new connection is
    no better, and within a transaction, of which no half can be repeated.
    """
    connection: Any = connections[using]
    idle = connection.connection is not None and not connection.in_atomic_block
    if not idle:
        return work()
    connection.health_check_done = True
    try:
        return work()
    except (InterfaceError, OperationalError):
        if connection.is_usable():
            raise
        connection.close()
        return work()


def rows_of(
    text: str, params: Sequence[Any], using: str, fetch: Callable[[Any], list[Row]] = methodcaller("fetchall")
) -> list[Row]:
    """What a statement answers, as the driver gives it; PostgreSQL prepares it where the settings want that.

    `fetch` takes the rows from a cursor of what is not prepared.

    Parsing and planning take PostgreSQL longer than running a statement that finds its row by a key. Only
    such statements may share a plan: what a filter finds, and so the way to it, depends on its values.
    """
    connection: Any = connections[using]
    # Whoever watches sees what the driver has bound, and would see nothing of what the server binds.
    is_watched = connection.queries_logged or connection.execute_wrappers
    if is_watched or not parley_settings().prepared_statements:
        return _unprepared(connection, text, params, fetch)
    if connection.vendor != "postgresql":
        return _by_driver(connection, text, params, fetch)
    if is_pooled(connection):
        return _unprepared(connection, text, params, fetch)
    try:
        return _prepared(connection, text, params)
    except DatabaseError as error:
        # A transaction heals with its rollback.
        if state_of(error) not in STALE or not connection.get_autocommit():
            raise
    connection.close()
    if is_pooled(connection):
        return _unprepared(connection, text, params, fetch)
    return _prepared(connection, text, params)


def is_pooled(connection: BaseDatabaseWrapper) -> bool:
    """Whether a pooler stands before PostgreSQL: what one session prepares, another one may get.

    It shows in the number of the server's process, which a pooler makes up. Asked once a connection.
    """
    driver, known = getattr(connection, POOLED, (None, False))
    if driver is None or driver is not connection.connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [(pid,)] = cursor.fetchall()
        driver = connection.connection
        known = pid != driver.info.backend_pid
        setattr(connection, POOLED, (driver, known))
        if known:
            _warn_once(connection.alias)
    return bool(known)


@cache
def _warn_once(alias: str) -> None:
    logger.warning("There is a pooler before the database %s: its statements are not prepared", alias)


def estimated(statement: tuple[str, Sequence[Any]], using: str) -> int:
    """How many rows PostgreSQL's planner expects of a statement."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1])
        [(plan,)] = cursor.fetchall()
    [explained] = json.loads(plan) if isinstance(plan, str) else plan
    return int(explained["Plan"]["Plan Rows"])


def _unprepared(
    connection: BaseDatabaseWrapper, text: str, params: Sequence[Any], fetch: Callable[[Any], list[Row]]
) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return fetch(cursor) if cursor.description else []


def _by_driver(
    connection: BaseDatabaseWrapper, text: str, params: Sequence[Any], fetch: Callable[[Any], list[Row]]
) -> list[Row]:
    """By a cursor of SQLite's driver, which keeps what it has parsed."""
    _connect(connection)
    driver: Any = connection.connection
    with connection.wrap_database_errors:
        tally.statements += 1
        cursor = driver.execute(_with_question_marks(text), params)
        return fetch(cursor) if cursor.description else []


@cache
def _with_question_marks(text: str) -> str:
    """The statement in the spelling of SQLite's driver."""
    return PLACEHOLDER.sub("?", text).replace("%%", "%")


def _connect(connection: BaseDatabaseWrapper) -> None:
    """Make the driver ready for a statement, for whoever uses it alone: the layers that Django puts around it
    take as long as it does.

    What they do for a statement like ours is done here: see `BaseDatabaseWrapper.cursor` and
    `CursorWrapper.execute`.
    """
    connection.validate_thread_sharing()
    connection.validate_no_broken_transaction()
    connection.close_if_health_check_failed()
    connection.ensure_connection()


def _prepared(connection: BaseDatabaseWrapper, text: str, params: Sequence[Any]) -> list[Row]:
    _connect(connection)
    driver: Any = connection.connection
    # Django's own statements leave binding to the driver, and are not prepared.
    usual, driver.prepare_threshold = driver.prepare_threshold, PREPARE_AFTER
    try:
        with connection.wrap_database_errors:
            cursor = _cursor(connection)
            tally.statements += 1
            cursor.execute(text, params)
            return cursor.fetchall() if cursor.pgresult.nfields else []
    finally:
        driver.prepare_threshold = usual


def _cursor(connection: Any) -> Any:
    """A cursor that leaves binding to the server, as preparing needs. It serves as long as the connection."""
    from django.db.backends.postgresql.base import ServerBindingCursor

    cursor = getattr(connection, CURSOR, None)
    if cursor is None or cursor.connection is not connection.connection:
        cursor = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
        setattr(connection, CURSOR, cursor)
    return cursor
