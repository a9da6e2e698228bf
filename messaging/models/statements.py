"""SQL that is written once, for the few statements that run at every request.

Django's compiler takes 0.2 to 0.4 ms to write such a statement anew each time, more than PostgreSQL takes
to run it. What is not on the way of every request stays with the compiler.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import InterfaceError, OperationalError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Col

from messaging.jsontext import dumps

__all__ = ["Statement", "converted", "insert_rows", "reconnecting"]

Result = TypeVar("Result")
Row = tuple[Any, ...]

if TYPE_CHECKING:  # generic to the type checker alone
    Field = models.Field[Any, Any]
else:
    from django.db.models import Field


class Statement:
    """SQL with `%s` for values and, in braces, the names of tables, and `columns` for those of the first."""

    def __init__(self, template: str, *, columns: Sequence[str], **tables: type[models.Model]) -> None:
        self.template, self.tables = template, tables
        model = next(iter(tables.values()))
        self.fields = tuple(_field(model, name) for name in columns)
        self.texts: dict[str, str] = {}

    def rows(self, using: str, params: Sequence[Any]) -> list[Row]:
        """What the statement answers, the values of `columns` as a queryset would give them."""
        with connections[using].cursor() as cursor:
            cursor.execute(self.texts.get(using) or self._write(using), params)
            return converted(cursor.fetchall(), self.fields, using)

    def _write(self, using: str) -> str:
        quote = connections[using].ops.quote_name
        tables = {name: quote(model._meta.db_table) for name, model in self.tables.items()}
        first = next(iter(tables.values()))
        columns = ", ".join(f"{first}.{quote(_column(field))}" for field in self.fields)
        text = self.texts[using] = self.template.format(columns=columns, **tables)
        return text


def converted(rows: Iterable[Sequence[Any]], fields: tuple[Field, ...], using: str) -> list[Row]:
    """Rows that begin with these columns, as the database gives them, in the values of Python."""
    converters = _converters(fields, using)
    if not converters:
        return [tuple(row) for row in rows]
    connection = connections[using]
    found = []
    for row in map(list, rows):
        for place, expression, convert in converters:
            row[place] = convert(row[place], expression, connection)
        found.append(tuple(row))
    return found


def insert_rows(rows: Sequence[models.Model], using: str) -> None:
    """INSERT rows of one model, with every column, in one statement, however many they are.

    PostgreSQL gets them as one JSON text: a hundred messages cost 0.6 ms of Python, where Django's own
    INSERT, which prepares value by value, cost 10. A column of type json takes its part of the text as it is.
    """
    connection = connections[using]
    insertion = _insertion(type(rows[0]), using)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            records = [dict(zip(insertion.columns, insertion.values(row), strict=True)) for row in rows]
            cursor.execute(insertion.sql, [dumps(records).decode()])
        else:
            prepared = [insertion.prepared(row, connection) for row in rows]
            cursor.executemany(insertion.sql, prepared)


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


@cache
def _converters(fields: tuple[Field, ...], using: str) -> list[tuple[int, Col, Callable[..., Any]]]:
    """(place, column, converter) wherever what the database gives is not the value yet."""
    connection = connections[using]
    columns = [Col(field.model._meta.db_table, field) for field in fields]
    return [
        (place, column, convert)
        for place, column in enumerate(columns)
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
    ]


class _Insertion:
    """How the rows of a model are inserted."""

    def __init__(self, model: type[models.Model], connection: BaseDatabaseWrapper) -> None:
        quote, self.fields = connection.ops.quote_name, model._meta.local_concrete_fields
        self.columns = [_column(field) for field in self.fields]
        self.attributes = attrgetter(*[field.attname for field in self.fields])
        plain = (Field.pre_save, models.DateTimeField.pre_save)
        self.derived = [field for field in self.fields if type(field).pre_save not in plain]
        names = ", ".join(quote(column) for column in self.columns)
        if connection.vendor == "postgresql":
            types = [f"{quote(_column(field))} {field.db_type(connection)}" for field in self.fields]
            source = f"SELECT {names} FROM json_to_recordset(%s::json) AS given ({', '.join(types)})"  # noqa: S608
        else:
            source = f"VALUES ({', '.join(['%s'] * len(self.fields))})"
        self.sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) {source}"

    def values(self, row: models.Model) -> tuple[Any, ...]:
        """What the row holds, once what follows from other columns has been set."""
        for field in self.derived:
            field.pre_save(row, True)
        values: tuple[Any, ...] = self.attributes(row)
        return values

    def prepared(self, row: models.Model, connection: BaseDatabaseWrapper) -> list[Any]:
        """The same as parameters of a statement."""
        pairs = zip(self.fields, self.values(row), strict=True)
        return [field.get_db_prep_save(value, connection) for field, value in pairs]


@cache
def _insertion(model: type[models.Model], using: str) -> _Insertion:
    return _Insertion(model, connections[using])


def _field(model: type[models.Model], name: str) -> Field:
    field: Field = model._meta.get_field(name)  # type: ignore[assignment]
    return field


def _column(field: Field) -> str:
    name: str = field.column  # type: ignore[assignment]
    return name
