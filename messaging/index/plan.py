"""The one door to the index: how the rows of a listing are read on this database.

What the indexes hold is declared in the models: orders in their `Meta`, posting lists in their
`IndexTermsField`. Nothing outside of this package knows which of them serves a list.
"""

from dataclasses import replace

from .filters import Contains
from .listing import Listing
from .matching import Matching
from .posting_list import PostingListScan
from .postings import are_kept_of
from .sources import MergedScan, OrderedScan, RowSource
from .sqlite import SQLitePostingListScan


def plan(listing: Listing) -> RowSource:
    """The way to read these rows. To plan it asks the database nothing yet; the first window may."""
    matching, window = Matching(listing), listing.window
    if matching.scan:
        return OrderedScan(matching=matching, window=window)
    if listing.workspace and listing.keyed and matching.vendor == "postgresql":
        return PostingListScan(matching=matching, window=window)
    if listing.workspace and _has_postings(matching):
        return SQLitePostingListScan(matching=matching, window=window)
    if listing.is_merged:
        each = [plan(replace(listing, workspaces=(one,))) for one in listing.workspaces or ()]
        return MergedScan(matching=matching, window=window, each=each)
    return RowSource(matching=matching, window=window)


def _has_postings(matching: Matching) -> bool:
    """Whether SQLite may have a posting list of the rows."""
    listing = matching.listing
    asks = listing.keyed or any(isinstance(each, Contains) for each in listing.filters)
    return bool(asks) and are_kept_of(listing.model, matching.vendor)
