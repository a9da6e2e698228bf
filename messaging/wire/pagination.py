"""Pages by offset and by cursor, over one allow-list of orders.

A cursor holds the place of a row in the order, not a number of rows: what others write meanwhile
neither repeats nor hides a row. It is signed, and fits only the list it was made for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.core.signing import BadSignature, Signer
from rest_framework.pagination import BasePagination

from messaging.exceptions import InvalidValue
from messaging.index.rows import json_rows
from messaging.services import fingerprint_of
from messaging.values.json import encode

__all__ = ["Page", "PageQuery", "Window", "WirePagination"]

# Beyond every table, and within the 64 bits that the databases count in.
MAX_SKIP = 10**15
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is asked for, and in which order."""

    order_by: str
    descending: bool
    limit: int
    skip: int = 0
    cursor: str | None = None


class PageQuery(Protocol):
    """The query model of a list: says which window it asks for."""

    def window(self) -> Window: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    rows: Rows
    total_count: int
    is_exact: bool
    limit: int
    has_more: bool
    page: int | None
    next_page: int | None
    next_cursor: str | None
    prev_cursor: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.is_exact else {"X-Total-Count-Estimated": "true"}


class _Cursor(NamedTuple):
    position: tuple[Any, ...]
    backward: bool


class WirePagination(BasePagination):
    """A list of one kind of rows: in which orders it comes and which columns are read."""

    orders: Mapping[str, tuple[str, ...]] = {}
    """The columns of each order a client may name; together they tell any two rows apart."""
    columns: Sequence[str] = ()
    """What is read of each row, beside the columns of its order."""
    order_parameter = "order_by"
    """The query parameter that names the order."""

    def page_of(
        self,
        queryset: Any,
        window: Window,
        *,
        scope: Mapping[str, Any],
        count: Callable[[], tuple[int, bool]],
    ) -> Page:
        """The rows of this window, in one statement, and `count` (total, exact) unless the page shows it.

        `scope` is what the queryset was narrowed by, workspace included. Raises InvalidValue for an unknown
        order and for a cursor of another list.
        """
        columns = self.orders.get(window.order_by)
        if columns is None:
            known = ", ".join(self.orders)
            raise InvalidValue(("query", self.order_parameter), f"Input should be one of: {known}", "enum")
        seal = fingerprint_of(encode([window.order_by, window.descending, sorted(scope.items())]))
        if window.cursor is None:
            return self._page_at_offset(queryset, window, columns, seal, count)
        return self._page_at_cursor(queryset, window, columns, seal, count)

    def _page_at_offset(
        self, queryset: Any, window: Window, columns: tuple[str, ...], seal: str, count: Any
    ) -> Page:
        skip, limit = min(window.skip, MAX_SKIP), window.limit
        ordered = queryset.in_order(columns, descending=window.descending)
        rows, has_more = self._fetch(ordered[skip : skip + limit + 1], columns, limit)
        # A page that ends the list tells its length; anything else must be counted.
        shows_the_end = not has_more and (rows or not skip)
        total, is_exact = (skip + len(rows), True) if shows_the_end else count()
        page = skip // limit + 1
        next_cursor = _seal(rows[-1], columns, seal) if has_more else None
        prev_cursor = _seal(rows[0], columns, seal, backward=True) if skip and rows else None
        return Page(
            rows=self._shown(rows, columns),
            total_count=total,
            is_exact=is_exact,
            limit=limit,
            has_more=has_more,
            page=page,
            next_page=page + 1 if has_more else None,
            next_cursor=next_cursor,
            prev_cursor=prev_cursor,
        )

    def _page_at_cursor(
        self, queryset: Any, window: Window, columns: tuple[str, ...], seal: str, count: Any
    ) -> Page:
        cursor = _open(window.cursor or "", columns, seal, queryset.model)
        descending = window.descending is not cursor.backward
        ordered = queryset.in_order(columns, descending=descending)
        beyond = ordered.beyond(columns, cursor.position, descending=descending)
        rows, more_that_way = self._fetch(beyond[: window.limit + 1], columns, window.limit)
        has_more, has_less = more_that_way, True
        if cursor.backward:
            rows.reverse()
            has_less = more_that_way
            has_more = bool(rows) and self._is_followed(queryset, window, columns, rows[-1])
        total, is_exact = count()
        next_cursor = _seal(rows[-1], columns, seal) if has_more else None
        prev_cursor = _seal(rows[0], columns, seal, backward=True) if has_less and rows else None
        return Page(
            rows=self._shown(rows, columns),
            total_count=total,
            is_exact=is_exact,
            limit=window.limit,
            has_more=has_more,
            page=None,
            next_page=None,
            next_cursor=next_cursor,
            prev_cursor=prev_cursor,
        )

    def _fetch(self, queryset: Any, columns: tuple[str, ...], limit: int) -> tuple[Rows, bool]:
        """(at most `limit` rows, whether there are more): the queryset asks for one row above the limit."""
        rows = json_rows(queryset, tuple(dict.fromkeys((*self.columns, *columns))))
        return rows[:limit], len(rows) > limit

    def _shown(self, rows: Rows, columns: tuple[str, ...]) -> Rows:
        """The rows without what was read for their cursors alone."""
        for name in columns:
            if name not in self.columns:
                for row in rows:
                    del row[name]
        return rows

    def _is_followed(
        self, queryset: Any, window: Window, columns: tuple[str, ...], row: Mapping[str, Any]
    ) -> bool:
        position = tuple(row[name] for name in columns)
        ordered = queryset.in_order(columns, descending=window.descending)
        beyond = ordered.beyond(columns, position, descending=window.descending)
        return bool(json_rows(beyond[:1], columns))


def _signer() -> Signer:
    return Signer(salt="parley.cursor")


def _seal(row: Mapping[str, Any], columns: Sequence[str], seal: str, *, backward: bool = False) -> str:
    position = [row[name] for name in columns]
    return _signer().sign_object([seal, backward, position])


def _open(cursor: str, columns: Sequence[str], seal: str, model: Any) -> _Cursor:
    try:
        made_for, backward, position = _signer().unsign_object(cursor)
    except (BadSignature, ValueError):
        raise InvalidValue(("query", "cursor"), "This cursor is not one of ours", "cursor_invalid") from None
    if made_for != seal:
        raise InvalidValue(
            ("query", "cursor"),
            "This cursor belongs to another list; repeat the filters and the order it was made with",
            "cursor_mismatch",
        )
    fields = [model._meta.get_field(name) for name in columns]
    values = [field.to_python(value) for field, value in zip(fields, position, strict=True)]
    return _Cursor(tuple(values), backward)
