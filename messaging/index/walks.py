"""Walks: pages of rows that one index holds in their order, by statements written once and prepared.

Most pages are of one conversation or one workspace, without a filter. For those Django's compiler took
0.35 ms a page, and PostgreSQL parsed, and often planned, anew what it always reads in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.sql.databases import read_database
from messaging.sql.statements import rows_of

from .lookups import one_of
from .querysets import KeysetPosition

__all__ = ["Bound", "Walk", "as_parameters", "beyond", "positions_of"]

Bound = tuple[tuple[str, ...], KeysetPosition, bool]
"""What `beyond` is called with."""


@dataclass(frozen=True, slots=True)
class Walk:
    """The rows that have these values, in order. Narrowed and cut as a queryset is, but only like this.

    Whoever makes one sees to it that an index begins with the columns of `values` and continues with those
    of the order: the plan may be kept, and is then made without a look at the values.
    """

    model: type[models.Model]
    values: tuple[tuple[str, Any], ...]
    """(column, value); a list for one of several."""
    db: str
    """Alias of the database."""
    order: tuple[str, ...] = ()
    descending: bool = False
    bounds: tuple[Bound, ...] = ()
    start: int = 0
    stop: int | None = None

    @classmethod
    def of_workspace(cls, model: type[models.Model], workspace_id: str, **values: Any) -> Self:
        """The rows of this workspace with these values: here, too, the tenant is no option."""
        return cls(model, (("workspace_id", workspace_id), *values.items()), read_database(model))

    def in_order(self, names: Sequence[str], *, descending: bool = False) -> Self:
        """See StoreQuerySet."""
        return replace(self, order=tuple(names), descending=descending)

    def beyond(self, names: Sequence[str], position: KeysetPosition, *, descending: bool) -> Self:
        """See StoreQuerySet."""
        return replace(self, bounds=(*self.bounds, (tuple(names), position, descending)))

    def __getitem__(self, part: slice) -> Self:
        return replace(self, start=part.start or 0, stop=part.stop)

    def fetch(self, select: str) -> list[tuple[Any, ...]]:
        """What this list of SQL expressions is for each row, as the driver gives it."""
        return rows_of(*self.statement(select), self.db)

    def statement(self, select: str) -> tuple[str, list[Any]]:
        """The SQL and its parameters."""
        connection = connections[self.db]
        columns = tuple((name, isinstance(value, list)) for name, value in self.values)
        bounds = tuple((names, descending) for names, _, descending in self.bounds)
        text = _text(self.model, self.db, select, columns, bounds, self.order, self.descending)
        limit = connection.ops.no_limit_value() if self.stop is None else max(self.stop - self.start, 0)
        given = [*self.values, *positions_of(self.bounds)]
        return text, [*as_parameters(self.model, given, connection), limit, self.start]


def beyond(names: Sequence[str], descending: bool) -> str:
    """The condition of StoreQuerySet.beyond, upon quoted columns; `positions_of` has the values."""
    sign = "<" if descending else ">"
    condition = f"{names[-1]} {sign} %s"
    for name in reversed(names[:-1]):
        condition = f"({name} {sign} %s OR ({name} = %s AND {condition}))"
    return f"{names[0]} {sign}= %s AND {condition}"


def positions_of(bounds: Sequence[Bound]) -> list[tuple[str, Any]]:
    """(column, value) for each placeholder of `beyond`, for all of these bounds."""
    given = []
    for names, position, _ in bounds:
        pairs = list(zip(names, position, strict=True))
        given += [pairs[0], *(pair for pair in pairs[:-1] for _ in range(2)), pairs[-1]]
    return given


def as_parameters(
    model: type[models.Model], given: Sequence[tuple[str, Any]], connection: BaseDatabaseWrapper
) -> list[Any]:
    """Values of these columns as the database takes them."""
    return [_parameter(model, name, value, connection) for name, value in given]


@cache
def _text(
    model: type[models.Model],
    using: str,
    select: str,
    columns: tuple[tuple[str, bool], ...],
    bounds: tuple[tuple[tuple[str, ...], bool], ...],
    order: tuple[str, ...],
    descending: bool,
) -> str:
    def quoted(name: str) -> str:
        return connection.ops.quote_name(_field(model, name).column)

    connection = connections[using]
    conditions = [
        one_of(quoted(name), [], connection)[0] if is_list else f"{quoted(name)} = %s"
        for name, is_list in columns
    ]
    conditions += [beyond([quoted(name) for name in names], down) for names, down in bounds]
    direction = " DESC" if descending else " ASC"
    ordered = ", ".join(quoted(name) + direction for name in order)
    table = connection.ops.quote_name(model._meta.db_table)
    rows = f"SELECT {select} FROM {table} WHERE {' AND '.join(conditions)}"  # noqa: S608  of our own columns
    return f"{rows} ORDER BY {ordered} LIMIT %s OFFSET %s"


def _parameter(model: type[models.Model], name: str, value: Any, connection: BaseDatabaseWrapper) -> Any:
    if isinstance(value, list):
        return one_of("", value, connection)[1]
    return _field(model, name).get_db_prep_value(value, connection)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)
