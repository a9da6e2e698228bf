"""Posting lists: pages of the rows that index keys or trigrams match, which lie there in no order.

Asked for such a page in order, a planner takes what matches to be spread evenly, and rather than sort some
thousand rows it scans the order of time until the page is full. For what was frequent long ago it then reads
all that came since.

So the rows that match are read first, up to a bound. They are the total, and the page is sorted out of them,
in one statement. What matches beyond the bound is looked for among the first rows of the order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections

from messaging.conf import parley_settings
from messaging.sql.conditions import Sql
from messaging.sql.rows import Reading
from messaging.sql.statements import Row

from .index_scan import IndexScan
from .keyset import after_position, as_parameters, keyset_values
from .sources import Source, Total, ordered

MOST_SCANNED = 20_000
"""Rows of the order among which a page of what is frequent is looked for."""
MOST_SORTED = 200_000
"""Rows that are sorted for one, where it was not among those."""

# The matched rows are their keys and the columns of the order. The part is looked up by its keys.
PAGE = """
WITH {lists}matched AS MATERIALIZED (SELECT {columns} {source}{limit}),
  counted AS MATERIALIZED (SELECT count(*) AS total FROM matched),
  part AS (
    SELECT * FROM matched WHERE {condition} ORDER BY {order} {window}
  )
SELECT counted.total, {listed}, part.{key} IS NOT NULL, {select}
FROM counted LEFT JOIN part ON true
LEFT JOIN {table} ON {table}.{key} = part.{key} AND {table}.workspace_id = %s
ORDER BY {order_of_part}"""


class MatchedRows(Source):
    """What the posting lists of both databases share: the rows that match are read, counted and sorted."""

    __slots__ = ()

    def page(
        self, reading: Reading, matching: Sql, *, lists: Sql = ("", ()), most: int | None = None
    ) -> tuple[int, int, list[Row]]:
        """(how many rows match, how long their list is, the rows of the window) by one statement.

        `matching` is FROM and WHERE. Of more than `most` rows none come.
        """
        columns, table, window = self._quoted(("pk", *self.order)), self._table, self.listing.window
        operations = connections[self.db].ops
        conditions = [after_position(self._quoted(names), descending=down) for names, _, down in self.bounds]
        if most is not None:
            conditions.append(f"(SELECT total FROM counted) <= {most:d}")  # noqa: S608  a number
        sql = PAGE.format(
            lists=f"{lists[0]},\n" if lists[0] else "",
            listed="(SELECT number FROM listed)" if lists[0] else "0",
            columns=", ".join(f"{table}.{name}" for name in columns),
            source=matching[0],
            limit="" if most is None else f" LIMIT {most + 1:d}",
            condition=" AND ".join(conditions) or "1 = 1",
            order=self._order_by("matched"),
            window=operations.limit_offset_sql(window.start, window.stop),
            select=reading.select,
            table=table,
            key=columns[0],
            order_of_part=self._order_by("part"),
        )
        positions = as_parameters(self.model, keyset_values(self.bounds), connections[self.db])
        rows = self._rows(sql, [*lists[1], *matching[1], *positions, self.listing.workspace])
        return rows[0][0], rows[0][1], [row[3:] for row in rows if row[2]]

    def _rows(self, sql: str, params: list[Any]) -> list[Row]:
        with connections[self.db].cursor() as cursor:
            cursor.execute(sql, params)
            rows: list[Row] = cursor.fetchall()
            return rows

    @property
    def _table(self) -> str:
        return connections[self.db].ops.quote_name(self.model._meta.db_table)

    def _order_by(self, table: str) -> str:
        direction = "DESC" if self.is_descending else "ASC"
        return ", ".join(f"{table}.{name} {direction}" for name in self._quoted(self.order))

    def _quoted(self, names: Iterable[str]) -> list[str]:
        """These columns, each once."""
        meta, quote = self.model._meta, connections[self.db].ops.quote_name
        fields: list[Any] = [meta.pk if name == "pk" else meta.get_field(name) for name in names]
        return list(dict.fromkeys(quote(field.column) for field in fields))

    def counted(self) -> Total:
        if "total" in self.known:
            return Total(self.known["total"], is_exact=True)
        return super().counted()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingListScan(MatchedRows):
    """By the index of keys and trigrams of PostgreSQL."""

    scan: IndexScan | None
    """The rows of the tenant in the order that is asked for, where an index holds them so and nothing but
    keys and trigrams narrows them."""

    def selected(self, reading: Reading) -> list[Row]:
        try:
            rows = self._sorted(reading, parley_settings().count_ceiling)
            return self._of_many(reading) if rows is None else rows
        except EmptyResultSet:  # no row can match
            self.known["total"] = 0
            return []

    def counted(self) -> Total:
        if "total" in self.known:
            return Total(self.known["total"], is_exact=True)
        ceiling = parley_settings().count_ceiling
        return Total(max(self._estimate(), ceiling + 1), is_exact=False)

    def _sorted(self, reading: Reading, most: int | None) -> list[Row] | None:
        """By sorting what matches; None where that is more than `most`."""
        if most is not None and self.known.get("more than", -1) >= most:
            return None
        total, _, rows = self.page(reading, self.matching.source(), most=most)
        if most is not None and total > most:
            self.known["more than"] = most
            return None
        self.known["total"] = total
        return list(rows)

    def _of_many(self, reading: Reading) -> list[Row]:
        """Of more rows than are counted. What is as frequent lately is among the first rows of the order."""
        window = self.listing.window
        if self.scan:
            among = ordered(self.scan, self)[:MOST_SCANNED]
            rows = self._selected(reading, among.statement("*"))
            if window.stop is not None and len(rows) == window.stop - window.start:
                return rows
        few = self._sorted(reading, None) if self._estimate() <= MOST_SORTED else None
        return self._selected(reading) if few is None else few

    def _selected(self, reading: Reading, among: Sql | None = None) -> list[Row]:
        """In whatever way the planner takes, or among the rows of a statement."""
        window, rows = self.listing.window, self.matching
        for names, position, descending in self.bounds:
            rows = rows.after(names, position, descending=descending)
        source, params = rows.source(among)
        table, order = self._table, self._order_by(self._table)
        limit = connections[self.db].ops.limit_offset_sql(window.start, window.stop)
        # What is shown is written out for the part alone.
        part = f"SELECT {table}.* {source} ORDER BY {order} {limit}"
        sql = f"SELECT {reading.select} FROM ({part}) AS {table} ORDER BY {order}"  # noqa: S608  of our own columns
        return self._rows(sql, params)

    def _estimate(self) -> int:
        if "estimate" not in self.known:
            self.known["estimate"] = self.matching.estimated_count()
        estimate: int = self.known["estimate"]
        return estimate
