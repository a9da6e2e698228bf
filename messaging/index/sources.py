"""Row sources: ways to read the rows of a listing, all of which answer a page and a total alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from messaging.conf import parley_settings
from messaging.sql.columns import field_of
from messaging.sql.rows import JSONRow, Reading, first_json_rows, json_rows
from messaging.sql.running import Row, estimated

from .index_scan import IndexScan
from .keyset import Bound, Position
from .listing import Window
from .matching import Matching
from .querysets import StoreQuerySet

KeptTotal = Callable[..., int]
"""Called with `workspaces`, ids or None for all, and with the values that rows are narrowed to, but null."""

_kept: dict[tuple[type[models.Model], frozenset[tuple[str, bool]]], KeptTotal] = {}


class Total(NamedTuple):
    number: int
    is_exact: bool
    """Else the database has estimated it."""


def keep_total(model: type[models.Model], total: KeptTotal, **columns: bool) -> None:
    """Declare that a counter is kept of the rows of a model that have a certain value in these columns, or no
    value where `columns` says so."""
    _kept[model, frozenset(columns.items())] = total


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """The rows of a listing, read in whatever way the planner of the database takes, which looks at the
    values. Subclasses take ways of their own."""

    matching: Matching
    window: Window
    known: dict[Any, Any] = field(default_factory=dict, compare=False)
    """What the database has told of all rows that match; shared by every window."""

    @property
    def model(self) -> type[models.Model]:
        return self.matching.listing.model

    @property
    def db(self) -> str:
        return self.matching.db

    @property
    def order(self) -> tuple[str, ...]:
        """The columns by which the rows come."""
        return self.matching.order

    @property
    def queryset(self) -> StoreQuerySet[Any]:
        """All rows that match, in no order."""
        return self.matching.rows

    def at(self, window: Window) -> Self:
        """Another part of the same rows."""
        return replace(self, window=window)

    def rows(self, columns: Sequence[str], read: Callable[[Any], Any] = orjson.Fragment) -> list[JSONRow]:
        """These columns of the rows of the window; see `json_rows`."""
        return json_rows(self, columns, read)

    def first_rows(
        self, columns: Sequence[str], read: Callable[[Any], Any] = orjson.Fragment
    ) -> tuple[list[JSONRow], bool]:
        """(as many of the rows as an answer holds at once, whether the window has more of them)."""
        most_bytes = parley_settings().page_bytes
        rows, is_cut = first_json_rows(self, columns, read, most_bytes=most_bytes)
        if is_cut and len(rows) == 1:  # the row may be too large by itself
            rest = self.behind(rows[0], 1)
            is_cut = bool(rest.at(replace(rest.window, stop=min(1, rest.window.stop or 1))).keys())
        return rows, is_cut

    def all_rows(
        self, columns: Sequence[str], read: Callable[[Any], Any] = orjson.Fragment
    ) -> tuple[list[JSONRow], Iterator[list[JSONRow]] | None]:
        """(as many of the rows as an answer holds at once, the others piece by piece if there are any).

        `columns` has those of the order.
        """
        rows, is_cut = self.first_rows(columns, read)
        return rows, self.behind(rows[-1], len(rows)).pieces(columns, read) if is_cut else None

    def behind(self, row: JSONRow, count: int) -> Self:
        """What is left of the window behind its first rows, of which this is the last."""
        window = self.window
        position = self._position(row)
        stop = None if window.stop is None else window.stop - window.start - count
        if window.is_backward:
            return self.at(replace(window, start=0, stop=stop, before=position))
        return self.at(replace(window, start=0, stop=stop, after=position))

    def forwards(self) -> Self:
        """The same rows of a window that is read backwards, from its other end."""
        window = self.window
        stop = window.stop or 0
        ends = self.at(replace(window, stop=stop + 1)).rows(self.order)
        shown, above = ends[: stop - window.start], ends[stop - window.start :]
        after = self._position(above[0]) if above else window.after
        return self.at(Window(stop=len(shown), after=after, before=window.before))

    def _position(self, row: JSONRow) -> Position:
        return tuple(field_of(self.model, name).to_python(row[name]) for name in self.order)

    def pieces(
        self, columns: Sequence[str], read: Callable[[Any], Any] = orjson.Fragment
    ) -> Iterator[list[JSONRow]]:
        """The rows of the window, as many at once as an answer holds."""
        source, is_cut = self, True
        while is_cut:
            rows, is_cut = source.first_rows(columns, read)
            # Whoever takes the rows may write their times anew.
            source = source.behind(rows[-1], len(rows)) if is_cut else source
            yield rows

    def keys(self) -> list[Any]:
        """The primary keys of the rows of the window."""
        name = self.model._meta.pk.attname
        return [row[name] for row in self.rows((name,))]

    def kept(self) -> int | None:
        """How many rows match, where a counter is kept for it."""
        listing, equal = self.matching.listing, self.matching.listing.equal
        if equal is None or listing.rows is not None:
            return None
        concrete: Any = self.model._meta.concrete_model
        values = {name: value for name, value in equal.items() if value is not None}
        total = _kept.get((concrete, frozenset((name, name in values) for name in equal)))
        return total(workspaces=listing.workspaces, **values) if total else None

    def total(self) -> Total:
        """How many rows match. To be asked for after the page, which may have counted them."""
        number = self.known.get("total")
        if number is None:
            number = self.kept()
        return self.counted() if number is None else Total(number, is_exact=True)

    def counted(self) -> Total:
        """Exact on SQLite, and up to the ceiling on PostgreSQL: beyond it the planner's estimate."""
        rows, ceiling = self.queryset, parley_settings().count_ceiling
        if self.matching.vendor != "postgresql":
            return Total(rows.count(), is_exact=True)
        try:
            source, params = rows.source()
        except EmptyResultSet:  # no row can match
            return Total(0, is_exact=True)
        counting = f"SELECT COUNT(*) FROM (SELECT 1 {source} LIMIT %s) AS counted"  # noqa: S608  compiled
        with connections[self.db].cursor() as cursor:
            cursor.execute(counting, [*params, ceiling + 1])
            [(number,)] = cursor.fetchall()
        if number <= ceiling:
            return Total(number, is_exact=True)
        return Total(max(estimated((f"SELECT 1 {source}", params), self.db), number), is_exact=False)

    def selected(self, reading: Reading) -> list[Row]:
        """The rows of the window, as the driver gives them."""
        return self.cut(self.queryset).selected(reading)

    def cut(self, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
        """The window of these rows, in order."""
        return self.begun(rows)[self.window.start : self.window.stop]

    def begun(self, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
        """These rows from the position on at which the window begins, in order."""
        for names, position, descending in self.bounds:
            rows = rows.after(names, position, descending=descending)
        return rows.in_order(self.order, descending=self.is_descending)

    def scanned(self, scan: IndexScan, start: int = 0, stop: int | None = None) -> IndexScan:
        """A part of an index scan, from the position on at which the window begins, in order."""
        order, descending, bounds = self.order, self.is_descending, self.bounds
        return IndexScan(scan.model, scan.values, scan.db, order, descending, bounds, start, stop)

    @property
    def is_descending(self) -> bool:
        """In which direction the window is read."""
        return self.matching.listing.order.descending is not self.window.is_backward

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Between which positions of the order the window lies."""
        window, descending = self.window, self.matching.listing.order.descending
        ends = ((window.after, descending), (window.before, not descending))
        return tuple(Bound(self.order, position, down) for position, down in ends if position is not None)


class OrderedScan(RowSource):
    """By one scan of an index that holds the rows in their order, with a statement that is prepared."""

    __slots__ = ()

    @property
    def scan(self) -> IndexScan:
        scan: Any = self.matching.scan
        return scan  # type: ignore[no-any-return]

    @property
    def db(self) -> str:
        return self.scan.db

    def selected(self, reading: Reading) -> list[Row]:
        return self.scanned(self.scan, self.window.start, self.window.stop).selected(reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedScan(RowSource):
    """Of several workspaces: an index holds the order of each, and the first rows of all are merged."""

    each: Sequence[RowSource]
    """The rows of each workspace."""

    def selected(self, reading: Reading) -> list[Row]:
        rows: Any = self.model._default_manager.using(self.db).filter(pk__in=self.keys())
        rows_read: list[Row] = rows.in_order(self.order, descending=self.is_descending).selected(reading)
        return rows_read

    def keys(self) -> list[Any]:
        window = self.window
        names: Any = dict.fromkeys(("pk", *self.order))
        scans = [self.begun(one.queryset).values_list(*names) for one in self.each]
        if any(scan.query.is_empty() for scan in scans):  # no row can match; Django unites no such queries
            return []
        if connections[self.db].features.supports_slicing_ordering_in_compound:
            scans = [scan[: window.stop] for scan in scans]
        else:  # SQLite, which brings the order of the whole into each of them by itself
            scans = [scan.order_by() for scan in scans]
        order = [f"-{name}" if self.is_descending else name for name in self.order]
        merged = scans[0].union(*scans[1:], all=True).order_by(*order)
        return [row[0] for row in merged[window.start : window.stop]]
