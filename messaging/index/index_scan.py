"""Index scans: rows that one index holds in the order that is asked for, by statements that are prepared.

Most pages are of one conversation or one workspace, without a filter. Their statements are written once, and
the plan of them may be kept, since the values do not matter to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Self

from django.db import connections, models

from messaging.sql.columns import ordered, quoted, table_of
from messaging.sql.conditions import one_of
from messaging.sql.databases import read_database
from messaging.sql.rows import Reading
from messaging.sql.running import Row, rows_of

from .keyset import Bound, after_position, as_parameters, keyset_values

CUT = "LIMIT %s OFFSET %s"
# PostgreSQL plans anew whenever a limit makes the plan for its values look cheaper than the one that it could
# keep, and takes longer for that than to read a page. It keeps the plan of a limit that it cannot see.
HIDDEN_CUT = "LIMIT (SELECT CAST(%s AS bigint)) OFFSET (SELECT CAST(%s AS bigint))"


@cache
def holds_order(model: type[models.Model], equal: frozenset[str], order: tuple[str, ...]) -> bool:
    """Whether an index of this model begins with these columns, and continues with those of the order.

    What an index holds is declared once, in the `Meta` of the model. Partial indexes are left to the planner
    of the database, which looks at the values.
    """
    wanted = tuple(name for name in order if name not in equal)
    return any(
        frozenset(columns[: len(equal)]) == equal and columns[len(equal) : len(equal) + len(wanted)] == wanted
        for columns in _indexes(model)
    )


def _indexes(model: type[models.Model]) -> list[tuple[str, ...]]:
    """The columns of every index that is whole; a proxy has those of its table."""
    table: Any = model._meta.concrete_model
    meta: Any = table._meta
    unique = [one for one in meta.total_unique_constraints if one.fields]
    whole = [index for index in meta.indexes if index.condition is None and index.fields]
    named = [tuple(one.fields) for one in (*whole, *unique)]
    columns = [tuple(meta.get_field(name).attname for name in names) for names in named]
    return [(meta.pk.attname,), *columns]


@dataclass(frozen=True, slots=True)
class IndexScan:
    """The rows that have these values, in order. Narrowed and cut as a queryset is, but only like this.

    Whoever makes one has asked `holds_order`, or looks rows up by their keys.
    """

    model: type[models.Model]
    values: tuple[tuple[str, Any], ...]
    """(column, value); a list for one of several, None for no value."""
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

    def after(self, names: Sequence[str], position: tuple[Any, ...], *, descending: bool = False) -> Self:
        """See StoreQuerySet."""
        return replace(self, bounds=(*self.bounds, Bound(tuple(names), position, descending)))

    def __getitem__(self, part: slice) -> Self:
        return replace(self, start=part.start or 0, stop=part.stop)

    def selected(self, reading: Reading) -> list[Row]:
        """What these SQL expressions are for each row, as the driver gives it."""
        text, params = self.statement(reading.select, self._cut)
        fetch = partial(reading.fetched, using=self.db)
        return rows_of(reading.limited(text, self.db), params, self.db, fetch)

    @property
    def _cut(self) -> str:
        """How the statement that reads the rows ends.

        A whole workspace may be most of a table that does not fit the cache. For a tenth of that, as it takes
        a limit that it cannot see to be, PostgreSQL would read all and sort.
        """
        named = [name for name, value in self.values if value is not None]
        return HIDDEN_CUT if len(named) > 1 else CUT

    def statement(self, select: str, cut: str = CUT) -> tuple[str, list[Any]]:
        """The SQL and its parameters."""
        connection = connections[self.db]
        columns = tuple((name, None if value is None else type(value) is list) for name, value in self.values)
        bounds = tuple((bound.names, bound.descending) for bound in self.bounds)
        text = _text(self.model, self.db, select, columns, bounds, self.order, self.descending, cut)
        limit = connection.ops.no_limit_value() if self.stop is None else max(self.stop - self.start, 0)
        equal = [each for each in self.values if each[1] is not None]
        values = [*equal, *keyset_values(self.bounds)]
        return text, [*as_parameters(self.model, values, connection), limit, self.start]


@cache
def _text(
    model: type[models.Model],
    using: str,
    select: str,
    columns: tuple[tuple[str, bool | None], ...],
    bounds: tuple[tuple[tuple[str, ...], bool], ...],
    order: tuple[str, ...],
    descending: bool,
    cut: str,
) -> str:
    connection = connections[using]
    conditions = [
        f"{column} IS NULL"
        if is_list is None
        else one_of(column, [], connection)[0]
        if is_list
        else f"{column} = %s"
        for name, is_list in columns
        for column in quoted(model, (name,), using)
    ]
    conditions += [after_position(quoted(model, names, using), descending=down) for names, down in bounds]
    rows = f"SELECT {select} FROM {table_of(model, using)} WHERE {' AND '.join(conditions)}"  # noqa: S608  of our own columns
    return f"{rows} ORDER BY {ordered(quoted(model, order, using), descending=descending)} {cut}"
