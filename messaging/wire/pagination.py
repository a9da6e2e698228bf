"""Pages by offset, by cursor and after an id, over one allow-list of orders.

A cursor holds the position of a row in the order, not a number of rows: what others write meanwhile
neither repeats nor hides a row. It is signed, and fits only the list it was made for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from django.core.signing import BadSignature, Signer
from django.db import models
from pydantic import BaseModel
from rest_framework.pagination import BasePagination

from messaging.exceptions import InvalidValue, NotFound
from messaging.index.filters import is_conversation
from messaging.index.keyset import Position
from messaging.index.listing import Listing, Order
from messaging.index.listing import Window as Part
from messaging.index.plan import plan
from messaging.index.sources import RowSource, Total
from messaging.services import fingerprint_of
from messaging.sql.rows import JSONRow
from messaging.values.json import dumps, encode

# Beyond every table, and within the 64 bits that the databases count in.
MAX_SKIP = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is asked for, and in which order."""

    order_by: str
    descending: bool
    limit: int
    skip: int = 0
    cursor: str | None = None
    oldest_first: bool = False
    """The rows of a page ascend, whatever the order of the pages."""


class PageQuery(BaseModel):
    """Base of the query models of lists."""

    def window(self) -> Window:
        """The part that is asked for."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    rows: list[JSONRow]
    further: Iterator[list[JSONRow]] | None = None
    """The other rows, where an answer does not hold them all at once."""
    total_count: int
    is_exact: bool
    limit: int
    has_more: bool
    page: int | None = None
    next_page: int | None = None
    next_cursor: str | None
    prev_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The rows of a page, whether some are in front of them and behind, and how many there are in all."""

    rows: list[JSONRow]
    has_less: bool
    has_more: bool
    total: Total
    further: Iterator[list[JSONRow]] | None = None
    is_short: bool = False
    """It ends before the rows that were asked for: who counts rows would miss some."""
    last: JSONRow | None = None
    """The last of the further rows, in the columns of the order."""


class WirePagination(BasePagination):
    """A list of one kind of rows: in which orders it comes and which columns are read."""

    orders: Mapping[str, tuple[str, ...]] = {}
    """The columns of each order a client may name; together they tell any two rows apart."""
    columns: Sequence[str] = ()
    """What is read of each row, with the columns of its order."""
    order_parameter = "order_by"
    """The query parameter that names the order."""

    def order_of(self, window: Window) -> Order:
        """The order of a window. Raises InvalidValue for one that is not known."""
        names = self.orders.get(window.order_by)
        if names is None:
            known = ", ".join(self.orders)
            raise InvalidValue(("query", self.order_parameter), f"Input should be one of: {known}", "enum")
        return Order(names, window.descending)

    def page_of(self, listing: Listing, window: Window, *, reader: str) -> Page:
        """The rows of this window, in one statement, and their total unless the page shows it.

        `reader` is the workspace that asks: a cursor is of use to no other. Raises InvalidValue for a cursor
        of another list.
        """
        names, limit, seal = listing.order.names, window.limit, _seal_of(listing, window, reader)
        source = plan(listing)
        read = (self._at_offset if window.cursor is None else self._at_cursor)(source, window, seal)
        rows, total, has_more = read.rows, read.total, read.has_more
        page = None if window.cursor is not None else min(window.skip, MAX_SKIP) // limit + 1
        return Page(
            total_count=total.number,
            is_exact=total.is_exact,
            limit=limit,
            has_more=has_more,
            page=page,
            next_page=page + 1 if page and has_more and not read.is_short else None,
            next_cursor=_seal(read.last or rows[-1], names, seal) if has_more else None,
            prev_cursor=_seal(rows[0], names, seal, is_backward=True) if read.has_less and rows else None,
            rows=self._shown(rows[::-1] if window.descending and window.oldest_first else rows, names),
            further=read.further and (self._shown(some, names) for some in read.further),
        )

    def _at_offset(self, source: RowSource, window: Window, seal: str) -> _Read:
        skip, limit = min(window.skip, MAX_SKIP), window.limit
        part = Part(start=skip, stop=skip + limit + 1)
        rows, is_cut = source.at(part).first_rows(self._read(source))
        if is_cut and window.oldest_first:  # the row that comes first is read last
            return _Read(
                rows=rows[:limit], has_less=bool(skip), has_more=True, is_short=True, total=source.total()
            )
        if is_cut:
            return self._in_pieces(source, rows[:limit], part, limit)
        rows, has_more = rows[:limit], len(rows) > limit
        # A page that ends the list tells its length; anything else must be counted.
        shows_the_end = not has_more and (rows or not skip)
        total = Total(skip + len(rows), is_exact=True) if shows_the_end else source.total()
        return _Read(rows=rows, has_less=bool(skip), has_more=has_more, total=total)

    def _in_pieces(self, source: RowSource, rows: list[JSONRow], part: Part, limit: int) -> _Read:
        """A page whose rows a client counts, so that none may be missing: `rows` and the others behind them.

        How it ends is known before, from the columns of the order alone. `part` has a row more than the page.
        """
        ends = source.at(part).rows(source.order)
        page = ends[:limit]
        shown = replace(part, stop=part.start + len(page))
        further = source.at(shown).behind(rows[-1], len(rows)).pieces(self._read(source))
        return _Read(
            rows=rows,
            has_less=bool(part.start),
            has_more=len(ends) > limit,
            total=source.total(),
            further=further,
            last=page[-1] if page else None,
        )

    def _at_cursor(self, source: RowSource, window: Window, seal: str) -> _Read:
        order, limit = source.order, window.limit
        position, is_backward = _open(window.cursor or "", order, seal, source.model)
        if not is_backward:
            rows, has_more = self._fetch(source.at(Part(stop=limit + 1, after=position)), limit)
            return _Read(rows=rows, has_less=True, has_more=has_more, total=source.total())
        before = Part(stop=limit + 1, before=position, is_backward=True)
        rows, has_less = self._fetch(source.at(before), limit)
        rows.reverse()
        last = tuple(rows[-1][name] for name in order) if rows else None
        has_more = bool(rows) and bool(source.at(Part(stop=1, after=last)).keys())
        return _Read(rows=rows, has_less=has_less, has_more=has_more, total=source.total())

    def _fetch(self, source: RowSource, limit: int) -> tuple[list[JSONRow], bool]:
        """(at most `limit` rows, and no more than an answer holds; whether there are more): the source reads
        one row above the limit."""
        rows, is_cut = source.first_rows(self._read(source))
        return rows[:limit], is_cut or len(rows) > limit

    def _read(self, source: RowSource) -> tuple[str, ...]:
        """The columns that are read of each row."""
        return tuple(dict.fromkeys((*self.columns, *source.order)))

    def _shown(self, rows: list[JSONRow], order: tuple[str, ...]) -> list[JSONRow]:
        """The rows without what was read for their cursors alone."""
        for name in order:
            if name not in self.columns:
                for row in rows:
                    del row[name]
        return rows


def part_between(
    part: Part, listing: Listing, *, after: str | None, before: str | None, unknown: type[NotFound]
) -> Part:
    """The part of what comes after the row with one id and before that with another.

    The ids name rows of the conversation or workspace, whether or not the list shows them. Without `after`
    the part is the one nearest to `before`, read backwards from there. Raises `unknown` for another id.
    """
    ends = [_position(listing, row_id, unknown) if row_id else None for row_id in (after, before)]
    return replace(part, after=ends[0], before=ends[1], is_backward=bool(before and not after))


def _position(listing: Listing, row_id: str, unknown: type[NotFound]) -> Position:
    within = replace(listing, filters=[each for each in listing.filters if is_conversation(each)])
    rows: Any = plan(within).queryset.filter(pk=row_id)
    position: Position | None = rows.values_list(*listing.order.names).first()
    if position is None:
        raise unknown
    return position


def _seal_of(listing: Listing, window: Window, reader: str) -> str:
    """What a cursor of this list is known by, in whatever order its filters were given."""
    filters = sorted(encode(each.identity).decode() for each in listing.filters)
    return fingerprint_of(encode([window.order_by, window.descending, reader, filters]))


class _Written:
    """What a cursor holds as bytes, for `Signer`."""

    dumps = staticmethod(dumps)
    loads = staticmethod(orjson.loads)


def _signer() -> Signer:
    return Signer(salt="parley.cursor")


def _seal(row: JSONRow, order: Sequence[str], seal: str, *, is_backward: bool = False) -> str:
    position = [row[name] for name in order]
    return _signer().sign_object([seal, is_backward, position], serializer=_Written)


def _open(cursor: str, order: Sequence[str], seal: str, model: type[models.Model]) -> tuple[Position, bool]:
    try:
        made_for, is_backward, position = _signer().unsign_object(cursor, serializer=_Written)
    except (BadSignature, ValueError):
        raise InvalidValue(("query", "cursor"), "This cursor is not one of ours", "cursor_invalid") from None
    if made_for != seal:
        raise InvalidValue(
            ("query", "cursor"),
            "This cursor belongs to another list; repeat the filters and the order it was made with",
            "cursor_mismatch",
        )
    fields: list[Any] = [model._meta.get_field(name) for name in order]
    values = [field.to_python(value) for field, value in zip(fields, position, strict=True)]
    return tuple(values), is_backward
