"""Posting lists: pages of the rows that index keys or trigrams match, which lie there in no order.

Asked for such a page in order, a planner takes what matches to be spread evenly, and rather than sort some
thousand rows it scans the order of time until the page is full. For what was frequent long ago it then reads
all that came since.

So the rows that match are read first, up to a bound. They are the total, and the page is sorted out of them,
in one statement. What is frequent is looked for among the first rows of the order: what matches beyond the
bound, and at once a role or a sender that the planner of the database expects on more messages than that.
"""

from django.core.exceptions import EmptyResultSet
from django.db import connections

from messaging.conf import parley_settings
from messaging.sql.columns import ordered, quoted, table_of
from messaging.sql.conditions import Sql
from messaging.sql.rows import Reading
from messaging.sql.running import Row, estimated

from .index_scan import IndexScan
from .keyset import after_position, as_parameters, keyset_values
from .sources import RowSource, Total

FREQUENT = 20
"""So many times as many rows as are counted are scanned, to see whether more of them have a value."""
NEAR = 4
"""So many times as many rows as a page holds are scanned first, for what every few rows have."""
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


class MatchedRows(RowSource):
    """What the posting lists of both databases share: the rows that match are read, counted and sorted."""

    __slots__ = ()

    def page(
        self, reading: Reading, matching: Sql, *, lists: Sql = ("", ()), most: int | None = None
    ) -> tuple[int, int, list[Row]]:
        """(how many rows match, how long their list is, the rows of the window) by one statement.

        `matching` is FROM and WHERE. Of more than `most` rows none come.
        """
        model, using, window, down = self.model, self.db, self.window, self.is_descending
        table = table_of(model, using)
        conditions = [
            after_position(quoted(model, names, using), descending=down) for names, _, down in self.bounds
        ]
        if most is not None:
            conditions.append(f"(SELECT total FROM counted) <= {most:d}")  # noqa: S608  a number
        sql = PAGE.format(
            lists=f"{lists[0]},\n" if lists[0] else "",
            listed="(SELECT number FROM listed)" if lists[0] else "0",
            columns=", ".join(quoted(model, ("pk", *self.order), using, table)),
            source=matching[0],
            limit="" if most is None else f" LIMIT {most + 1:d}",
            condition=" AND ".join(conditions) or "1 = 1",
            order=ordered(quoted(model, self.order, using, "matched"), descending=down),
            window=connections[using].ops.limit_offset_sql(window.start, window.stop),
            select=reading.select,
            table=table,
            key=quoted(model, ("pk",), using)[0],
            order_of_part=ordered(quoted(model, self.order, using, "part"), descending=down),
        )
        positions = as_parameters(model, keyset_values(self.bounds), connections[using])
        with connections[using].cursor() as cursor:
            params = [*lists[1], *matching[1], *positions, self.matching.listing.workspace]
            cursor.execute(reading.limited(sql, using, before=3), params)
            rows = reading.fetched(cursor, using)
        return rows[0][0], rows[0][1], [row[3:] for row in rows if row[2]]


class PostingListScan(MatchedRows):
    """By the index of keys and trigrams of PostgreSQL."""

    __slots__ = ()

    def selected(self, reading: Reading) -> list[Row]:
        try:
            rows = None if self._is_frequent else self._sorted(reading, parley_settings().count_ceiling)
            return self._of_many(reading) if rows is None else rows
        except EmptyResultSet:  # no row can match
            self.known["total"] = 0
            return []

    def counted(self) -> Total:
        ceiling = parley_settings().count_ceiling
        if "more than" in self.known or (self._is_frequent and self._are_more_than(ceiling)):
            return Total(max(self._estimate, ceiling + 1), is_exact=False)
        return super().counted()

    @property
    def _is_frequent(self) -> bool:
        """Whether the planner expects more rows of a role, a sender or a type than are counted."""
        is_told_by_columns = self.matching.listing.equal is not None and self.matching.scan_of_all
        return bool(is_told_by_columns) and self._estimate > parley_settings().count_ceiling

    @property
    def _estimate(self) -> int:
        if "estimate" not in self.known:
            listing = self.matching.listing
            if self.matching.scan_of_all and listing.equal is not None:
                by_columns = IndexScan.of_workspace(self.model, listing.workspace, **listing.equal)
                rows = by_columns.in_order(("pk",)).statement("1")
            else:
                source, params = self.queryset.source()
                rows = f"SELECT 1 {source}", params
            self.known["estimate"] = estimated(rows, self.db)
        estimate: int = self.known["estimate"]
        return estimate

    def _are_more_than(self, ceiling: int) -> bool:
        """Whether the first rows of a workspace have so many of what is frequent. That reads no posting list,
        and no row either: the index of the order holds the columns. That of a conversation does not."""
        listing, scan = self.matching.listing, self.matching.scan_of_all
        equal = {name: value for name, value in (listing.equal or {}).items() if value is not None}
        if scan is None or listing.conversation is not None:
            return False
        columns = quoted(self.model, tuple(equal), self.db)
        first, params = scan.in_order(self.order, descending=True)[: ceiling * FREQUENT].statement(
            ", ".join(columns)
        )
        conditions = " AND ".join(f"{column} = %s" for column in columns)
        rows = f"SELECT 1 FROM ({first}) AS first WHERE {conditions} LIMIT %s"  # noqa: S608  of our own columns
        counting = f"SELECT COUNT(*) FROM ({rows}) AS counted"  # noqa: S608
        with connections[self.db].cursor() as cursor:
            cursor.execute(counting, [*params, *equal.values(), ceiling + 1])
            return bool(cursor.fetchone()[0] > ceiling)

    def _sorted(self, reading: Reading, most: int | None) -> list[Row] | None:
        """By sorting what matches; None where that is more than `most`."""
        if most is not None and self.known.get("more than", -1) >= most:
            return None
        total, _, rows = self.page(reading, self.queryset.source(), most=most)
        if most is not None and total > most:
            self.known["more than"] = most
            return None
        self.known["total"] = total
        return rows

    def _of_many(self, reading: Reading) -> list[Row]:
        """Of more rows than are counted. What is as frequent lately is among the first rows of the order.

        Few are asked for at first: for a large part of a conversation the planner would read and sort it all.
        """
        few = (self.window.stop or 0) * NEAR
        rows = self._among(reading, few) if few < MOST_SCANNED else None
        if rows is None:
            rows = self._among(reading, MOST_SCANNED)
        if rows is None and self._estimate <= MOST_SORTED:
            rows = self._sorted(reading, None)
        return super().selected(reading) if rows is None else rows

    def _among(self, reading: Reading, number: int) -> list[Row] | None:
        """The window out of so many of the first rows of the order; None where they do not fill it."""
        window, scan = self.window, self.matching.scan_of_all
        if scan is None or window.stop is None:
            return None
        among = self.scanned(scan, stop=number).statement("*")
        rows = self.cut(self.queryset).selected(reading, among)
        is_full = len(rows) == window.stop - window.start
        return rows if is_full or (reading.budget and reading.budget.is_spent(rows)) else None
