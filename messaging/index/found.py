"""Pages of what an index of terms or of trigrams finds, on PostgreSQL.

Such an index has no order in time. Asked for a page in order, the planner takes what matches to be spread
evenly, and rather than sort some thousand rows it walks from the newest row until the page is full. Of a tag
that was used a year ago it then walks through all that came since: a second for each million rows.

So what matches is read first, up to the ceiling of totals. That is the total, and the page is sorted out of
it: what took two statements that each read all matches takes one, and never more than they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from .querysets import KeysetPosition, StoreQuerySet
from .walks import (
    Bound,
    Walk,
    as_parameters,
    beyond,
    positions_of,
)

__all__ = ["Found"]

MOST_WALKED = 20_000
"""Rows that are walked through for a page of what is frequent."""
MOST_SORTED = 200_000
"""Rows that are sorted for one, where they were not among those: a second or less, from memory."""

# Keys and the columns of the order; where there are more than are counted, of none. The part is looked up by
# its keys in the same snapshot.
PAGE = """
WITH found AS MATERIALIZED (SELECT {columns} {source} LIMIT %s),
  counted AS MATERIALIZED (SELECT count(*) AS total FROM found),
  part AS (
    SELECT * FROM found
    WHERE (%s::bigint IS NULL OR (SELECT total FROM counted) < %s) AND {condition}
    ORDER BY {order} LIMIT %s OFFSET %s
  )
SELECT counted.total, part.{key} IS NOT NULL, {select}
FROM counted LEFT JOIN part ON true LEFT JOIN {table} ON {table}.{key} = part.{key}
ORDER BY {order_of_part}"""

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a queryset by terms, narrowed and cut as a queryset is, but only like this."""

    queryset: StoreQuerySet[Any]
    """All that match, in no order."""
    walk: Walk | None
    """The rows that they are among, where an index holds those in the order that is asked for."""
    ceiling: int
    """Up to so many are counted."""
    order: tuple[str, ...] = ()
    descending: bool = False
    bounds: tuple[Bound, ...] = ()
    start: int = 0
    stop: int = 0
    known: dict[str, int] = field(default_factory=dict)
    """What `fetch` came to know of all that match; shared with every part of them."""

    @property
    def model(self) -> type[models.Model]:
        return self.queryset.model

    @property
    def db(self) -> str:
        return self.queryset.db

    def in_order(self, names: Sequence[str], *, descending: bool) -> Self:
        """See StoreQuerySet."""
        walk = self.walk and self.walk.in_order(names, descending=descending)
        return replace(self, walk=walk, order=tuple(names), descending=descending)

    def beyond(self, names: Sequence[str], position: KeysetPosition, *, descending: bool) -> Self:
        """See StoreQuerySet."""
        walk = self.walk and self.walk.beyond(names, position, descending=descending)
        return replace(self, walk=walk, bounds=(*self.bounds, (tuple(names), position, descending)))

    def __getitem__(self, part: slice) -> Self:
        return replace(self, start=part.start or 0, stop=part.stop)

    def bounded_count(self, ceiling: int) -> tuple[int, bool]:
        """See StoreQuerySet; after `fetch`, which has counted."""
        if "total" in self.known:
            return self.known["total"], True
        return max(self._estimate(), ceiling + 1), False

    def fetch(self, select: str) -> Rows:
        """What this list of SQL expressions is for each row of the part, as the driver gives it."""
        try:
            rows = self._page(select, self.ceiling)
            return self._page_of_many(select) if rows is None else rows
        except EmptyResultSet:  # nothing could fit
            self.known["total"] = 0
            return []

    def _page_of_many(self, select: str) -> Rows:
        """More than are counted. What is as frequent lately is found among the first rows of the walk."""
        if self.walk:
            rows = self._selected(select, self.walk[:MOST_WALKED])
            if len(rows) == self.stop - self.start:
                return rows
        rows_sorted = self._page(select, None) if self._estimate() <= MOST_SORTED else None
        return self._selected(select) if rows_sorted is None else rows_sorted

    def _page(self, select: str, most: int | None) -> Rows | None:
        """By sorting what matches; None where that is more than `most`."""
        source, params = self.queryset.source()
        limit = None if most is None else most + 1
        positions = as_parameters(self.model, positions_of(self.bounds), connections[self.db])
        params = [*params, limit, limit, limit, *positions, self.stop - self.start, self.start]
        rows = self._rows(self._page_text(select, source), params)
        total = rows[0][0]
        if total == limit:
            return None
        self.known["total"] = total
        return [row[2:] for row in rows if row[1]]

    def _page_text(self, select: str, source: str) -> str:
        columns, table = self._quoted(("pk", *self.order)), self._table
        conditions = [beyond(self._quoted(names), down) for names, _, down in self.bounds]
        return PAGE.format(
            columns=", ".join(f"{table}.{name}" for name in columns),
            source=source,
            condition=" AND ".join(["true", *conditions]),
            order=self._order_by("found"),
            select=select,
            table=table,
            key=columns[0],
            order_of_part=self._order_by("part"),
        )

    def _selected(self, select: str, walk: Walk | None = None) -> Rows:
        """In whatever way the planner takes, or of the rows of this walk."""
        matching = self.queryset
        for names, position, descending in self.bounds:
            matching = matching.beyond(names, position, descending=descending)
        source, params = matching.source(walk.statement("*") if walk else None)
        table, order = self._table, self._order_by(self._table)
        # What is shown is written out for the part alone.
        part = f"SELECT {table}.* {source} ORDER BY {order} LIMIT %s OFFSET %s"
        sql = f"SELECT {select} FROM ({part}) AS {table} ORDER BY {order}"  # noqa: S608  of our own columns
        return self._rows(sql, [*params, self.stop - self.start, self.start])

    def _estimate(self) -> int:
        if "estimate" not in self.known:
            self.known["estimate"] = self.queryset.estimated_count()
        return self.known["estimate"]

    def _rows(self, sql: str, params: list[Any]) -> Rows:
        with connections[self.db].cursor() as cursor:
            cursor.execute(sql, params)
            rows: Rows = cursor.fetchall()
            return rows

    @property
    def _table(self) -> str:
        return connections[self.db].ops.quote_name(self.model._meta.db_table)

    def _order_by(self, table: str) -> str:
        direction = "DESC" if self.descending else "ASC"
        return ", ".join(f"{table}.{name} {direction}" for name in self._quoted(self.order))

    def _quoted(self, names: Iterable[str]) -> list[str]:
        """These columns, each once."""
        meta, quote = self.model._meta, connections[self.db].ops.quote_name
        fields: list[Any] = [meta.pk if name == "pk" else meta.get_field(name) for name in names]
        return list(dict.fromkeys(quote(field.column) for field in fields))
