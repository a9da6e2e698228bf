"""Row sources: ways to read the rows of a listing, all of which answer a page and a total alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, Self

import orjson
from django.db import connections, models

from messaging.conf import parley_settings
from messaging.sql.rows import JSONRow, Reading, json_rows
from messaging.sql.statements import Row

from .index_scan import IndexScan
from .keyset import Bound
from .listing import Listing, Window
from .querysets import StoreQuerySet

KeptTotal = Callable[..., int]
"""Called with `workspaces`, ids or None for all, and with the values that rows are narrowed to."""

_kept: dict[tuple[type[models.Model], frozenset[str]], KeptTotal] = {}


class Total(NamedTuple):
    number: int
    is_exact: bool
    """Else the database has estimated it."""


class RowSource(Protocol):
    """The rows of a listing, read in the way that was planned for them."""

    @property
    def order(self) -> tuple[str, ...]:
        """The columns by which the rows come."""

    @property
    def queryset(self) -> StoreQuerySet[Any]:
        """All rows that match, in no order."""

    def at(self, window: Window) -> Self:
        """Another part of the same rows."""

    def rows(self, columns: Sequence[str], read: Callable[[Any], Any] = orjson.Fragment) -> list[JSONRow]:
        """These columns of the rows of the window; see `json_rows`."""

    def keys(self) -> list[Any]:
        """The primary keys of the rows of the window."""

    def kept(self) -> int | None:
        """How many rows match, where a counter is kept for it."""

    def total(self) -> Total:
        """How many rows match. To be asked for after the page, which may have counted them."""


def keep_total(model: type[models.Model], total: KeptTotal, *columns: str) -> None:
    """Declare that a counter is kept of the rows of a model that have values in these columns."""
    _kept[model, frozenset(columns)] = total


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the ways of reading share."""

    listing: Listing
    order: tuple[str, ...]
    build: Callable[[], StoreQuerySet[Any]]
    """Makes the queryset of all rows that match, by conditions that any database takes. An index scan that
    answers the whole listing needs none."""
    known: dict[Any, Any] = field(default_factory=dict, compare=False)
    """What the database has told of all rows that match; shared by every window."""

    @property
    def model(self) -> type[models.Model]:
        return self.listing.model

    @property
    def matching(self) -> StoreQuerySet[Any]:
        """All rows that match, by conditions that any database takes."""
        if "matching" not in self.known:
            self.known["matching"] = self.build()
        rows: StoreQuerySet[Any] = self.known["matching"]
        return rows

    @property
    def db(self) -> str:
        return self.matching.db

    @property
    def queryset(self) -> StoreQuerySet[Any]:
        return self.matching

    def at(self, window: Window) -> Self:
        return replace(self, listing=replace(self.listing, window=window))

    def rows(self, columns: Sequence[str], read: Callable[[Any], Any] = orjson.Fragment) -> list[JSONRow]:
        return json_rows(self, columns, read)

    def keys(self) -> list[Any]:
        name = self.model._meta.pk.attname
        return [row[name] for row in self.rows((name,))]

    def selected(self, reading: Reading) -> list[Row]:
        raise NotImplementedError

    def kept(self) -> int | None:
        equal = self.listing.equal
        if equal is None or self.listing.rows is not None:
            return None
        concrete: Any = self.model._meta.concrete_model
        total = _kept.get((concrete, frozenset(equal)))
        return total(workspaces=self.listing.workspaces, **equal) if total else None

    def total(self) -> Total:
        if (kept := self.kept()) is not None:
            return Total(kept, is_exact=True)
        return self.counted()

    def counted(self) -> Total:
        return Total(*self.queryset.bounded_count(parley_settings().count_ceiling))

    @property
    def is_descending(self) -> bool:
        """In which direction the window is read."""
        return self.listing.order.descending is not self.listing.window.is_backward

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Between which positions of the order the window lies."""
        window, descending = self.listing.window, self.listing.order.descending
        ends = ((window.after, descending), (window.before, not descending))
        return tuple(Bound(self.order, position, down) for position, down in ends if position is not None)


class QueryScan(Source):
    """In whatever way the planner of the database takes, which looks at the values."""

    __slots__ = ()

    def selected(self, reading: Reading) -> list[Row]:
        return self.cut(self.queryset).selected(reading)

    def cut(self, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
        """The window of these rows, in order."""
        window = self.listing.window
        return self._in_order(rows)[window.start : window.stop]

    def _in_order(self, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
        """These rows from the position on at which the window begins."""
        for names, position, descending in self.bounds:
            rows = rows.after(names, position, descending=descending)
        return rows.in_order(self.order, descending=self.is_descending)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedScan(Source):
    """By one scan of an index that holds the rows in their order, with a statement that is prepared."""

    scan: IndexScan

    @property
    def db(self) -> str:
        return self.scan.db

    def selected(self, reading: Reading) -> list[Row]:
        return ordered(self.scan, self).selected(reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedScan(QueryScan):
    """Of several workspaces: an index holds the order of each, and the first rows of all are merged."""

    each: Sequence[RowSource]
    """The rows of each workspace."""

    def selected(self, reading: Reading) -> list[Row]:
        rows = self.model._default_manager.using(self.db).filter(pk__in=self.keys())
        rows_read: list[Row] = rows.in_order(self.order, descending=self.is_descending).selected(reading)  # type: ignore[attr-defined]
        return rows_read

    def keys(self) -> list[Any]:
        window = self.listing.window
        names: Any = dict.fromkeys(("pk", *self.order))
        scans = [self._in_order(one.queryset).values_list(*names) for one in self.each]
        if any(scan.query.is_empty() for scan in scans):  # no row can match; Django unites no such queries
            return []
        if connections[self.db].features.supports_slicing_ordering_in_compound:
            scans = [scan[: window.stop] for scan in scans]
        else:  # SQLite, which brings the order of the whole into each of them by itself
            scans = [scan.order_by() for scan in scans]
        order = [f"-{name}" if self.is_descending else name for name in self.order]
        merged = scans[0].union(*scans[1:], all=True).order_by(*order)
        return [row[0] for row in merged[window.start : window.stop]]


def ordered(scan: IndexScan, source: Source) -> IndexScan:
    """This scan in the order and within the window of a source."""
    window = source.listing.window
    scan = replace(scan, order=source.order, descending=source.is_descending, bounds=source.bounds)
    return scan[window.start : window.stop]
