"""The rows that match a listing, as querysets that any database takes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Q, Subquery
from django.utils.functional import cached_property

from .filters import Compared, Condition, Equal, Filter, is_conversation, is_null, narrowing
from .index_scan import IndexScan, holds_order
from .listing import Listing
from .querysets import StoreQuerySet


@dataclass(frozen=True)
class Matching:
    """What the ways of reading a listing have in common. Querysets are made when they are asked for: an index
    scan that answers a whole listing needs none."""

    listing: Listing

    @cached_property
    def db(self) -> str:
        """Alias of the database."""
        return self._given.db

    @property
    def vendor(self) -> str:
        return connections[self.db].vendor

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The order that is asked for, where an index or a merge gives it; else that of many workspaces.

        A range that has ended is sorted by time: its rows are few, and a scan from the newest would read all
        that came since.
        """
        listing, names, across = self.listing, self.listing.order.names, self.listing.order.across
        is_within = listing.workspace or listing.is_merged or listing.conversation is not None
        if across is None or is_within:
            return names
        is_over = any(isinstance(each, Compared) and each.is_upper for each in listing.filters)
        return (names[0], *across) if is_over else across

    @cached_property
    def scan(self) -> IndexScan | None:
        """The rows that match, where one index holds them in their order."""
        listing, equal = self.listing, self.listing.equal
        if not listing.workspace or listing.rows is not None or equal is None:
            return None
        return self._scan(**equal)

    @cached_property
    def scan_of_all(self) -> IndexScan | None:
        """The rows of the tenant in order, where an index holds them so and only index keys narrow them."""
        listing = self.listing
        plain = {
            each.column: each.value
            for each in listing.filters
            if isinstance(each, Equal) and (is_null(each) or is_conversation(each))
        }
        others = [each for each in listing.filters if each not in listing.keyed and each.column not in plain]
        if not listing.workspace or listing.rows is not None or others:
            return None
        return self._scan(**plain)

    def _scan(self, **equal: Any) -> IndexScan | None:
        model, named = self.listing.model, {name for name, value in equal.items() if value is not None}
        is_held = holds_order(model, frozenset({"workspace_id", *named}), self.order)
        return IndexScan.of_workspace(model, self.listing.workspace, **equal) if is_held else None

    @cached_property
    def rows(self) -> StoreQuerySet[Any]:
        """All rows that match, in no order."""
        listing, last = self.listing, self.listing.unindexed
        rows = self.narrowed(*(each for each in listing.filters if each not in last))
        if last:
            first = rows.in_order(self.order, descending=listing.order.descending)
            keys: Any = first.values_list("pk", flat=True)[: listing.most_searched]
            rows = rows.filter(pk__in=list(keys) if listing.is_repeated else keys).narrow(*last)
        return rows

    def narrowed(self, *filters: Filter, also: Iterable[Condition] = ()) -> StoreQuerySet[Any]:
        """The rows of the workspaces that these filters and conditions leave."""
        listing = self.listing
        conditions = narrowing(listing.model, filters, listing.scope, vendor=self.vendor)
        rows = self._given.filter(*self._of_tenant(), *conditions, *also)
        rows.scope = listing.scope
        return rows

    @property
    def _given(self) -> StoreQuerySet[Any]:
        given: Any = self.listing.rows
        rows: StoreQuerySet[Any] = self.listing.model._default_manager.all() if given is None else given  # type: ignore[assignment]
        return rows

    def _of_tenant(self) -> Iterator[Condition]:
        """The conditions upon the workspace. To name all of them lets an index that begins with the workspace
        be scanned."""
        listing, meta = self.listing, self.listing.model._meta
        if listing.workspace:
            yield Q(workspace_id=listing.workspace)
            return
        if listing.workspaces is not None:
            yield Q(workspace_id__in=listing.workspaces)
        by_column = (each for each in listing.filters if isinstance(each, Compared | Equal))
        if listing.order.across is None:
            return
        if listing.conversation is not None:
            conversations: Any = meta.get_field("conversation").related_model
            named = conversations.objects.filter(pk=listing.conversation)
            yield Q(workspace_id=Subquery(named.values("workspace_id")[:1]))
        elif listing.workspaces is None and any(each not in listing.keyed for each in by_column):
            workspaces: Any = meta.get_field("workspace").related_model
            yield Q(workspace__in=workspaces.objects.all())
