"""SQL that is written once, for the few statements that run at every request.

Django's compiler takes longer to write such a statement anew than PostgreSQL takes to run it. Statements
that only some requests run stay with the compiler.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col

from messaging.conf import parley_settings
from messaging.values.json import dumps

from .columns import Field, field_of, quoted, table_of
from .tally import tally

PREPARE_AFTER = 5
"""Times a connection runs a statement before it is worth the round trip of preparing it."""
NO_LONGER_PREPARED = ("0A000", "26000")
"""A migration changed what it answers; somebody emptied the session. Nothing has been done then."""

CURSOR = "_parley_cursor"
"""Where a connection keeps it."""

AS_THEY_ARE = (models.CharField, models.TextField, models.ForeignKey, models.BigIntegerField)

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
    and the names of insertions."""

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
        self.texts: dict[str, str] = {}

    def rows(self, using: str, params: Sequence[Any]) -> list[Row]:
        """What the statement answers, the values of `columns` as a queryset would give them."""
        text = self.texts.get(using) or self._write(using)
        return converted(rows_of(text, params, using), self.fields, using)

    def _write(self, using: str) -> str:
        tables = {name: table_of(model, using) for name, model in self.tables.items()}
        columns = ", ".join(quoted(self.model, self.columns, using, table_of(self.model, using)))
        insertions = {name: insertion.text(using) for name, insertion in self.insertions.items()}
        text = self.texts[using] = self.template.format(columns=columns, **insertions, **tables)
        return text


def converted(rows: Iterable[Sequence[Any]], fields: tuple[Field, ...], using: str) -> list[Row]:
    """Rows that begin with these columns, as the database gives them, in the values of Python."""
    converters = _converters(fields, using)
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
    """INSERT rows of one model, with every column, in one statement, however many they are.

    With a statement for each row, FTS5 would write its pending entries to the database before every one. With
    a statement for each number of rows, a connection would keep all of them prepared.
    """
    rows_of(_insertion(type(rows[0]), using), [given_rows(rows, using)], using)


def given_rows(rows: Sequence[models.Model], using: str) -> str:
    """Rows of one model as the parameter of their Insertion."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        return as_json(rows)
    return dumps([_parameters(row, connection) for row in rows]).decode()


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
    columns = _columns(type(rows[0]))
    return dumps([dict(zip(columns.names, columns.values(row), strict=True)) for row in rows]).decode()


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


def rows_of(text: str, params: Sequence[Any], using: str) -> list[Row]:
    """What a statement answers, as the driver gives it; it is prepared where the settings want that.

    Parsing and planning take PostgreSQL longer than running a statement that finds its row by a key. Only
    such statements may share a plan: what a filter finds, and so the way to it, depends on its values.
    """
    connection: Any = connections[using]
    # Whoever watches sees what the driver has bound, and would see nothing of what the server binds.
    is_watched = connection.queries_logged or connection.execute_wrappers
    if connection.vendor != "postgresql" or is_watched or not parley_settings().prepared_statements:
        with connection.cursor() as cursor:
            cursor.execute(text, params)
            return cursor.fetchall() if cursor.description else []
    try:
        return _prepared(connection, text, params)
    except DatabaseError as error:
        is_stale = getattr(error.__cause__, "sqlstate", None) in NO_LONGER_PREPARED
        if not is_stale or not connection.get_autocommit():  # a transaction heals with its rollback
            raise
    connection.close()
    return _prepared(connection, text, params)


def estimated(statement: tuple[str, Sequence[Any]], using: str) -> int:
    """How many rows PostgreSQL's planner expects of a statement."""
    with connections[using].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1])
        [(plan,)] = cursor.fetchall()
    [explained] = json.loads(plan) if isinstance(plan, str) else plan
    return int(explained["Plan"]["Plan Rows"])


def _prepared(connection: Any, text: str, params: Sequence[Any]) -> list[Row]:
    """With the driver's own cursor: the layers that Django puts around it take as long as the driver does.

    What they do for a statement like this is done here: see `BaseDatabaseWrapper.cursor` and
    `CursorWrapper.execute`.
    """
    connection.validate_thread_sharing()
    connection.validate_no_broken_transaction()
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    driver = connection.connection
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


@cache
def _converters(fields: tuple[Field, ...], using: str) -> list[tuple[int, Col, Callable[..., Any]]]:
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
def _insertion(model: type[models.Model], using: str) -> str:
    return Insertion(model).text(using)


def _parameters(row: models.Model, connection: BaseDatabaseWrapper) -> list[Any]:
    """The values of the row as SQLite takes them."""
    columns = _columns(type(row))
    values = list(columns.values(row))
    for position, field in columns.prepared:
        values[position] = field.get_db_prep_save(values[position], connection)
    return values
