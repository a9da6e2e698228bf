"""Listings, the one door to the index: what is asked for is said here, and how it is read is planned here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, models
from django.db.models import Subquery

from messaging.sql.databases import read_database

from .filters import Compared, Contains, Equal, Filter, Scope, is_conversation
from .index_scan import IndexScan, holds_order
from .keyset import Position
from .posting_list import PostingListScan
from .postings import are_kept_of
from .querysets import StoreQuerySet
from .sources import MergedScan, OrderedScan, QueryScan, RowSource
from .sqlite import SQLitePostingListScan
from .terms import index_terms_of

__all__ = ["MOST_MERGED", "Listing", "Order", "Window"]

MOST_MERGED = 50
"""Workspaces whose rows are merged into one order: each takes an index scan of its own."""


@dataclass(frozen=True, slots=True)
class Order:
    """In which order rows come: by these columns, all in one direction, which together tell any two apart."""

    names: tuple[str, ...]
    descending: bool = False
    across: tuple[str, ...] | None = None
    """The order of many workspaces together, where no index holds theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of the rows is asked for, by places from 0 and by positions in the order."""

    start: int = 0
    stop: int | None = None
    after: Position | None = None
    before: Position | None = None
    is_backward: bool = False
    """Read from the end: the rows nearest to it come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is asked for, and nothing of how it is read."""

    model: type[models.Model]
    workspaces: Sequence[str] | None
    """Whose rows; None for those of all, as `rows` confines them."""
    filters: Sequence[Filter] = ()
    order: Order
    window: Window = field(default_factory=Window)
    rows: StoreQuerySet[Any] | None = None
    """The rows that there are for who asks, where these are not all of the model."""
    most_searched: int | None = None
    """A text that no index holds is looked for in so many of the first rows alone."""
    is_repeated: bool = False
    """The rows are asked for again while some of them go: others must not move up among the first."""

    @property
    def equal(self) -> Mapping[str, Any] | None:
        """The values that the rows must have, where no other filter is there."""
        if not all(isinstance(one, Equal) for one in self.filters):
            return None
        return {one.column: one.value for one in self.filters if isinstance(one, Equal)}

    def plan(self) -> RowSource:
        """The way to read these rows on this database. To plan asks it nothing; the first window may."""
        order, matching, scan = self._order, self._matching(), self._scan()
        if scan and self.equal is not None and self._is_held:
            whole = IndexScan.of_workspace(self.model, self._only, **self.equal)
            return OrderedScan(listing=self, order=order, matching=matching, scan=whole)
        if self._only and self._has_keys and self._vendor == "postgresql":
            return PostingListScan(listing=self, order=order, matching=matching, scan=scan)
        if self._only and self._may_have_postings:
            return SQLitePostingListScan(
                listing=self, order=order, matching=matching, tenant=self._of_tenant(self._all)
            )
        way = MergedScan if self._is_merged else QueryScan
        return way(listing=self, order=order, matching=matching)

    @property
    def scope(self) -> Scope:
        """By which index keys may be asked for; by none where there are too many workspaces to name."""
        few = self.workspaces is not None and len(self.workspaces) <= MOST_MERGED
        return Scope(tuple(self.workspaces or ()) if few else (), self._conversation)

    @property
    def _only(self) -> str:
        """The workspace, where it is one; else empty."""
        return self.workspaces[0] if self.workspaces is not None and len(self.workspaces) == 1 else ""

    @property
    def _conversation(self) -> str | None:
        named = [each.value for each in self.filters if isinstance(each, Equal) and is_conversation(each)]
        return named[0] if len(named) == 1 else None

    @property
    def _vendor(self) -> str:
        return connections[read_database(self.model)].vendor

    @property
    def _is_merged(self) -> bool:
        several = self.workspaces is not None and 1 < len(self.workspaces) <= MOST_MERGED
        return several and self._conversation is None and not self._short_searches

    @property
    def _short_searches(self) -> list[Filter]:
        """Searches that no index can answer, where only the first rows are to be looked through."""
        if self.most_searched is None:
            return []
        return [each for each in self.filters if isinstance(each, Contains) and not each.is_indexed]

    @property
    def _order(self) -> tuple[str, ...]:
        """The order that is asked for, where an index or a merge of few gives it; else that of many
        workspaces.

        A range that has ended is sorted by time: its rows are few, and a scan from the newest would read all
        that came since.
        """
        names, across = self.order.names, self.order.across
        if across is None or self._only or self._is_merged or self._conversation is not None:
            return names
        is_over = any(isinstance(each, Compared) and each.is_upper for each in self.filters)
        return (names[0], *across) if is_over else across

    @property
    def _has_keys(self) -> bool:
        held = index_terms_of(self.model)
        return held is not None and any(each.facts(held) for each in self.filters)

    @property
    def _may_have_postings(self) -> bool:
        is_searched = any(isinstance(each, Contains) for each in self.filters)
        return are_kept_of(self.model, connections[self._all.db]) and (self._has_keys or is_searched)

    @property
    def _all(self) -> StoreQuerySet[Any]:
        rows: StoreQuerySet[Any] = self.model._default_manager.all() if self.rows is None else self.rows  # type: ignore[assignment]
        return rows

    @property
    def _is_held(self) -> bool:
        return holds_order(self.model, frozenset({"workspace_id", *(self.equal or ())}), self._order)

    def _scan(self) -> IndexScan | None:
        """The rows of the tenant in order, where an index holds them so and nothing but index keys narrows
        them."""
        held = index_terms_of(self.model)
        others = [
            each for each in self.filters if not (held and each.facts(held)) and not is_conversation(each)
        ]
        if not self._only or self.rows is not None or (self._has_keys and others):
            return None
        values = {} if self._conversation is None else {"conversation_id": self._conversation}
        if not holds_order(self.model, frozenset({"workspace_id", *values}), self._order) and self._has_keys:
            return None
        return IndexScan.of_workspace(self.model, self._only, **values)

    def _matching(self) -> StoreQuerySet[Any]:
        rows = self._of_tenant(self._all)
        last = self._short_searches
        rows = rows.narrow(*(each for each in self.filters if each not in last))
        if last:
            first = rows.in_order(self._order, descending=self.order.descending).values_list("pk", flat=True)
            keys: Any = first[: self.most_searched]
            rows = rows.filter(pk__in=list(keys) if self.is_repeated else keys).narrow(*last)
        return rows

    def _of_tenant(self, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
        """The rows of the workspaces."""
        if self._only:
            rows = rows.filter(workspace_id=self._only)
        elif self.workspaces is not None:
            rows = rows.filter(workspace_id__in=self.workspaces)
        if not self._only and self.order.across is not None:
            rows = self._naming_workspaces(rows)
        rows.scope = self.scope
        return rows

    def _naming_workspaces(self, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
        """The same rows. To name their workspaces lets an index that begins with the workspace be scanned."""
        meta: Any = self.model._meta
        if self._conversation is not None:
            named = meta.get_field("conversation").related_model.objects.filter(pk=self._conversation)
            return rows.filter(workspace_id=Subquery(named.values("workspace_id")[:1]))
        held = index_terms_of(self.model)
        by_column = [each for each in self.filters if isinstance(each, Compared | Equal)]
        if self.workspaces is None and any(not (held and each.facts(held)) for each in by_column):
            return rows.filter(workspace__in=meta.get_field("workspace").related_model.objects.all())
        return rows
