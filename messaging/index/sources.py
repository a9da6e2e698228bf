"""Row sources: ways to read the rows of a listing, all of which answer a page and a total alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from messaging.conf import parley_settings
from messaging.sql.rows import JSONRow, Reading, json_rows
from messaging.sql.statements import Row, estimated

from .index_scan import IndexScan
from .keyset import Bound
from .listing import Window
from .matching import Matching
from .querysets import StoreQuerySet

KeptTotal = Callable[..., int]
"""Called with `workspaces`, ids or None for all, and with the values that rows are narrowed to."""

_kept: dict[tuple[type[models.Model], frozenset[str]], KeptTotal] = {}


class Total(NamedTuple):
    number: int
    is_exact: bool
    """Else the database has estimated it."""


def keep_total(model: type[models.Model], total: KeptTotal, *columns: str) -> None:
    """Declare that a counter is kept of the rows of a model that have values in these columns."""
    _kept[model, frozenset(columns)] = total


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
        total = _kept.get((concrete, frozenset(equal)))
        return total(workspaces=listing.workspaces, **equal) if total else None

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

    def scanned(self, scan: IndexScan) -> IndexScan:
        """The same of an index scan."""
        return replace(scan, order=self.order, descending=self.is_descending, bounds=self.bounds)

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
        return self.scanned(self.scan)[self.window.start : self.window.stop].selected(reading)


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
