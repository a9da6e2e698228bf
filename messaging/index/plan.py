"""The one door to the index: how the rows of a listing are read on this database.

What the indexes hold is declared in the models: orders in their `Meta`, posting lists in their
`IndexTermsField`. Nothing outside of this package knows which of them serves a list.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.db import connections
from django.db.models import Subquery

from .filters import Compared, Contains, Equal, is_conversation
from .index_scan import IndexScan, holds_order
from .listing import Listing
from .posting_list import PostingListScan
from .postings import are_kept_of
from .querysets import StoreQuerySet
from .sources import MergedScan, OrderedScan, QueryScan, RowSource
from .sqlite import SQLitePostingListScan
from .terms import index_terms_of


def plan(listing: Listing) -> RowSource:
    """The way to read these rows. To plan it asks the database nothing yet; the first window may."""
    return _Planner(listing).source()


@dataclass(frozen=True, slots=True)
class _Planner:
    listing: Listing

    def source(self) -> RowSource:
        listing, order, scan = self.listing, self.order, self.scan()
        if scan and listing.equal is not None and self.is_held:
            whole = IndexScan.of_workspace(listing.model, listing.workspace, **listing.equal)
            return OrderedScan(listing=listing, order=order, build=self.matching, scan=whole)
        matching = self.matching()
        vendor = connections[matching.db].vendor

        def build() -> StoreQuerySet[Any]:
            return matching

        if listing.workspace and self.has_keys and vendor == "postgresql":
            return PostingListScan(listing=listing, order=order, build=build, scan=scan)
        if listing.workspace and self.may_have_postings:
            return SQLitePostingListScan(listing=listing, order=order, build=build, tenant=self.of_tenant())
        if listing.is_merged:
            each = [plan(replace(listing, workspaces=(one,))) for one in listing.workspaces or ()]
            return MergedScan(listing=listing, order=order, build=build, each=each)
        return QueryScan(listing=listing, order=order, build=build)

    @property
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

    @property
    def has_keys(self) -> bool:
        """Whether index keys say something of the rows."""
        held = index_terms_of(self.listing.model)
        return held is not None and any(each.facts(held) for each in self.listing.filters)

    @property
    def may_have_postings(self) -> bool:
        """Whether SQLite may have a posting list of the rows."""
        is_searched = any(isinstance(each, Contains) for each in self.listing.filters)
        kept = are_kept_of(self.listing.model, connections[self.all.db])
        return kept and (self.has_keys or is_searched)

    @property
    def is_held(self) -> bool:
        """Whether an index holds the rows that have these values in their order."""
        equal = frozenset({"workspace_id", *(self.listing.equal or ())})
        return holds_order(self.listing.model, equal, self.order)

    def scan(self) -> IndexScan | None:
        """The rows of the tenant in order, where an index holds them so and only index keys narrow them."""
        listing, held = self.listing, index_terms_of(self.listing.model)
        keyed = [each for each in listing.filters if held and each.facts(held)]
        others = [each for each in listing.filters if each not in keyed and not is_conversation(each)]
        if not listing.workspace or listing.rows is not None or (keyed and others):
            return None
        values = {} if listing.conversation is None else {"conversation_id": listing.conversation}
        if keyed and not holds_order(listing.model, frozenset({"workspace_id", *values}), self.order):
            return None
        return IndexScan.of_workspace(listing.model, listing.workspace, **values)

    def matching(self) -> StoreQuerySet[Any]:
        """The rows that match, by conditions that any database takes."""
        listing, last = self.listing, self.listing.short_searches
        rows = self.of_tenant().narrow(*(each for each in listing.filters if each not in last))
        if last:
            first = rows.in_order(self.order, descending=listing.order.descending)
            keys: Any = first.values_list("pk", flat=True)[: listing.most_searched]
            rows = rows.filter(pk__in=list(keys) if listing.is_repeated else keys).narrow(*last)
        return rows

    @property
    def all(self) -> StoreQuerySet[Any]:
        given: Any = self.listing.rows
        rows: StoreQuerySet[Any] = self.listing.model._default_manager.all() if given is None else given  # type: ignore[assignment]
        return rows

    def of_tenant(self) -> StoreQuerySet[Any]:
        """The rows of the workspaces."""
        listing, rows = self.listing, self.all
        if listing.workspace:
            rows = rows.filter(workspace_id=listing.workspace)
        elif listing.workspaces is not None:
            rows = rows.filter(workspace_id__in=listing.workspaces)
        if not listing.workspace and listing.order.across is not None:
            rows = self.naming_workspaces(rows)
        rows.scope = listing.scope
        return rows

    def naming_workspaces(self, rows: StoreQuerySet[Any]) -> StoreQuerySet[Any]:
        """The same rows. To name their workspaces lets an index that begins with the workspace be scanned."""
        listing, meta = self.listing, self.listing.model._meta
        if listing.conversation is not None:
            conversations: Any = meta.get_field("conversation").related_model
            named = conversations.objects.filter(pk=listing.conversation)
            return rows.filter(workspace_id=Subquery(named.values("workspace_id")[:1]))
        held = index_terms_of(listing.model)
        by_column = [each for each in listing.filters if isinstance(each, Compared | Equal)]
        if listing.workspaces is None and any(not (held and each.facts(held)) for each in by_column):
            workspaces: Any = meta.get_field("workspace").related_model
            return rows.filter(workspace__in=workspaces.objects.all())
        return rows
