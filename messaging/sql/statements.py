"""SQL that is written once, for the few statements that run at every request.

Django's compiler takes longer to write such a statement anew than PostgreSQL takes to run it. Statements
that only some requests run stay with the compiler.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connections, models
from django.db.models.expressions import Col

from .columns import Field, field_of, quoted, table_of
from .insertions import Insertion
from .running import Row, rows_of

Converters = Sequence[tuple[int, Col, Callable[..., Any]]]


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

    def _write(self, using: str) -> tuple[str, Converters]:
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


def _converted(rows: Iterable[Sequence[Any]], converters: Converters, using: str) -> list[Row]:
    if not converters:
        return [tuple(row) for row in rows]
    connection = connections[using]
    converted = []
    for row in map(list, rows):
        for position, expression, convert in converters:
            row[position] = convert(row[position], expression, connection)
        converted.append(tuple(row))
    return converted


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
