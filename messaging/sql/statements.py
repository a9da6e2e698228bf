"""SQL that is written once, for the few statements that run at every request.

Django's compiler takes longer to write such a statement anew than PostgreSQL takes to run it. Statements
that only some requests run stay with the compiler.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter, methodcaller
from typing import Any, NamedTuple, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col

from messaging.conf import parley_settings
from messaging.values.json import dumps

from .columns import Field, field_of, quoted, table_of
from .passing import STALE, state_of
from .tally import tally

logger = logging.getLogger("messaging")

PREPARE_AFTER = 5
"""Times a connection runs a statement before it is worth the round trip of preparing it."""

LARGE = 32 * 1024
"""Characters of a row that SQLite takes by itself."""
AT_ONCE = 1024 * 1024
"""Bytes of rows, written as JSON, that go at once: on SQLite about when FTS5 writes its entries anyhow."""

POOLED = "_parley_pooled"
"""Where a connection keeps that of the driver, and whether it leads to a pooler."""
CURSOR = "_parley_cursor"
"""Where a connection keeps it."""

AS_THEY_ARE = (
    *(models.BooleanField, models.CharField, models.ForeignKey, models.IntegerField, models.TextField),
)
PLACEHOLDER = re.compile(r"(?<!%)%s")

Result = TypeVar("Result")
Row = tuple[Any, ...]


class Insertion:
    """An INSERT of rows of one model, every column of them, however many they are.

    They are one parameter, a JSON text, because Django's own INSERT prepares value by value. PostgreSQL takes
    the text of `as_json`, and a column of type json takes its part of that as it is. There `computed` may
    name columns that are not as `given` but come of an expression, which may read `source` too.
    """

    def __init__(
        self, model: type[models.Model], *, source: str = "", computed: Mapping[str, str] | None = None
    ) -> None:
        self.model, self.source, self.computed = model, source, computed or {}

    def text(self, using: str) -> str:
        connection, fields = connections[using], self.model._meta.local_concrete_fields
        names = quoted(self.model, tuple(field.name for field in fields), using)
        into = f"INSERT INTO {table_of(self.model, using)} ({', '.join(names)})"
        if connection.vendor != "postgresql":
            return f"{into} {select_given(len(names))}"
        columns = list(zip(fields, names, strict=True))
        values = [self.computed.get(field.name) or f"given.{name}" for field, name in columns]
        types = [f"{name} {field.db_type(connection)}" for field, name in columns]
        given = f"json_to_recordset(%s::json) AS given ({', '.join(types)})"
        return f"{into} SELECT {', '.join(values)} FROM {', '.join(filter(None, [self.source, given]))}"  # noqa: S608


class Statement:
    """SQL with `%s` for values and, in braces, the names of tables, `columns` for those of the first of them,
    the names of insertions, and `for_update` where rows are locked: on SQLite the transaction holds all."""

    def __init__(
        self,
        template: str,
        *,
        columns: Sequence[str],
        insertions: Mapping[str, Insertion] | None = None,
        **tables: type[models.Model],
    ) -> None:
        self.template, self.insertions, self.tables = template, insertions or {}, tables
        self.model, self.columns = next(iter(tables.values())), tuple(columns)
        self.fields = tuple(field_of(self.model, name) for name in columns)
        self.written: dict[str, tuple[str, Converters]] = {}

    def rows(self, using: str, params: Sequence[Any]) -> list[Row]:
        """What the statement answers, the values of `columns` as a queryset would give them."""
        text, converters = self.written.get(using) or self._write(using)
        return _converted(rows_of(text, params, using), converters, using)

    def _write(self, using: str) -> tuple[str, "Converters"]:
        tables = {name: table_of(model, using) for name, model in self.tables.items()}
        columns = ", ".join(quoted(self.model, self.columns, using, table_of(self.model, using)))
        insertions = {name: insertion.text(using) for name, insertion in self.insertions.items()}
        for_update = "FOR UPDATE" if connections[using].features.has_select_for_update else ""
        text = self.template.format(columns=columns, for_update=for_update, **insertions, **tables)
        written = self.written[using] = text, _converters(self.fields, using)
        return written


def converted(rows: Iterable[Sequence[Any]], fields: tuple[Field, ...], using: str) -> list[Row]:
    """Rows that begin with these columns, as the database gives them, in the values of Python."""
    return _converted(rows, _converters(fields, using), using)


def _converted(rows: Iterable[Sequence[Any]], converters: "Converters", using: str) -> list[Row]:
    if not converters:
        return [tuple(row) for row in rows]
    connection = connections[using]
    converted = []
    for row in map(list, rows):
        for position, expression, convert in converters:
            row[position] = convert(row[position], expression, connection)
        converted.append(tuple(row))
    return converted


def insert_rows(rows: Sequence[models.Model], using: str) -> None:
    """INSERT rows of one model, with every column, in one statement for each AT_ONCE bytes of them.

    With a statement for each row, FTS5 would write its pending entries to the database before every one. With
    a statement for each number of rows, a connection would keep all of them prepared. With one for all, they
    would be held several times on their way. On SQLite a large row has a statement of its own: as JSON it
    would be parsed anew for every column.
    """
    connection, model = connections[using], type(rows[0])
    given = bytearray()
    for values in _by_name(rows) if connection.vendor == "postgresql" else _parameters(rows, connection):
        if isinstance(values, list) and sum(len(value) for value in values if type(value) is str) > LARGE:
            rows_of(_insertion_of_one(model, using), values, using)
            continue
        given += b"," if given else b"["
        given += dumps(values)
        if len(given) > AT_ONCE:
            _insert_given(model, given, using)
    if given:
        _insert_given(model, given, using)


def _insert_given(model: type[models.Model], given: bytearray, using: str) -> None:
    """Insert the rows of this JSON, which is emptied."""
    given += b"]"
    text = given.decode()
    given.clear()
    rows_of(_insertion(model, using), [text], using)


def given_rows(rows: Sequence[models.Model], using: str) -> str:
    """Rows of one model as the parameter of their Insertion."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        return as_json(rows)
    return dumps([*_parameters(rows, connection)]).decode()


def select_given(columns: int) -> str:
    """On SQLite, rows of so many columns as they are in one parameter: a JSON array of an array for each.

    Their values are such as the database holds: texts, numbers, null. Each row is written out once, and not
    anew for every column.
    """
    values = ", ".join(f"json_extract(value, '$[{position}]')" for position in range(columns))
    rows = "WITH given_rows AS MATERIALIZED (SELECT value FROM json_each(%s))"
    return f"{rows} SELECT {values} FROM given_rows"  # noqa: S608  numbers


def as_json(rows: Sequence[models.Model]) -> str:
    """What an Insertion inserts on PostgreSQL: the rows of one model, once what follows from other columns
    has been set in them."""
    return dumps([*_by_name(rows)]).decode()


def _by_name(rows: Sequence[models.Model]) -> Iterator[dict[str, Any]]:
    columns = _columns(type(rows[0]))
    return (dict(zip(columns.names, columns.values(row), strict=True)) for row in rows)


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


Converters = Sequence[tuple[int, Col, Callable[..., Any]]]


@cache
def _converters(fields: tuple[Field, ...], using: str) -> Converters:
    """(position, column, converter) wherever what the database gives is not the value yet."""
    connection = connections[using]
    columns = [Col(field.model._meta.db_table, field) for field in fields]
    return [
        (position, column, convert)
        for position, column in enumerate(columns)
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
    ]


class _Columns(NamedTuple):
    """Those of a model, and what a row holds in them."""

    names: list[str]
    attributes: Callable[[models.Model], tuple[Any, ...]]
    derived: list[Any]
    prepared: list[tuple[int, Any]]
    """Those whose values SQLite does not take as Python has them, and where they are."""

    def values(self, row: models.Model) -> tuple[Any, ...]:
        """What the row holds, once what follows from other columns has been set."""
        for field in self.derived:
            field.pre_save(row, True)
        return self.attributes(row)


@cache
def _columns(model: type[models.Model]) -> _Columns:
    fields: Sequence[Any] = model._meta.local_concrete_fields
    plain = (Field.pre_save, models.DateTimeField.pre_save)
    return _Columns(
        names=[field.column for field in fields],
        attributes=attrgetter(*[field.attname for field in fields]),
        derived=[field for field in fields if type(field).pre_save not in plain],
        prepared=[
            (position, field) for position, field in enumerate(fields) if not isinstance(field, AS_THEY_ARE)
        ],
    )


@cache
def _insertion_of_one(model: type[models.Model], using: str) -> str:
    names = quoted(model, tuple(field.name for field in model._meta.local_concrete_fields), using)
    values = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {table_of(model, using)} ({', '.join(names)}) VALUES ({values})"  # noqa: S608  of our own columns


@cache
def _insertion(model: type[models.Model], using: str) -> str:
    return Insertion(model).text(using)


def _parameters(rows: Sequence[models.Model], connection: BaseDatabaseWrapper) -> Iterator[list[Any]]:
    """The values of each row as SQLite takes them. Rows that are written together share their times."""
    columns, written = _columns(type(rows[0])), cache(connection.ops.adapt_datetimefield_value)
    for row in rows:
        values = list(columns.values(row))
        for position, field in columns.prepared:
            value = values[position]
            if type(value) is datetime:
                values[position] = written(value)
            elif value is not None:
                values[position] = field.get_db_prep_save(value, connection)
        yield values
