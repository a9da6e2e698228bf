"""Inserting rows of a model, however many they are, as one parameter."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.values.json import dumps

from .columns import Field, quoted, table_of
from .running import rows_of

LARGE = 32 * 1024
"""Characters of a row that SQLite takes by itself."""
AT_ONCE = 1024 * 1024
"""Bytes of rows, written as JSON, that go at once: on SQLite about when FTS5 writes its entries anyhow."""
AS_THEY_ARE = (
    *(models.BooleanField, models.CharField, models.ForeignKey, models.IntegerField, models.TextField),
)


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
