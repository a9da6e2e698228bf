"""Listings: what is asked for, and nothing of how it is read. See `plan` for that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import cached_property

from .filters import Contains, Equal, Filter, Scope, is_conversation
from .keyset import Position
from .querysets import StoreQuerySet
from .terms import index_terms_of

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


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Rows of one model, narrowed, in an order, and the part of them that is asked for."""

    model: type[models.Model]
    workspaces: Sequence[str] | None
    """Whose rows; None for those of all, as `rows` confines them."""
    filters: Sequence[Filter] = ()
    order: Order
    window: Window = Window()
    rows: StoreQuerySet[Any] | None = None
    """The rows that there are for who asks, where these are not all of the model."""
    most_searched: int | None = None
    """What no index holds is looked for in so many of the first rows alone."""
    is_repeated: bool = False
    """The rows are asked for again while some of them go: others must not move up among the first."""

    @cached_property
    def equal(self) -> Mapping[str, Any] | None:
        """The values that the rows must have, where no other filter is there."""
        equal = {each.column: each.value for each in self.filters if isinstance(each, Equal)}
        return equal if len(equal) == len(self.filters) else None

    @cached_property
    def workspace(self) -> str:
        """The workspace, where it is one; else empty."""
        return self.workspaces[0] if self.workspaces is not None and len(self.workspaces) == 1 else ""

    @cached_property
    def conversation(self) -> str | None:
        """The conversation, where a filter names one."""
        named = [each.value for each in self.filters if isinstance(each, Equal) and is_conversation(each)]
        return named[0] if len(named) == 1 else None

    @property
    def scope(self) -> Scope:
        """By which index keys may be asked for; by none where there are too many workspaces to name."""
        return Scope(tuple(self.workspaces or ()) if self._names_few else (), self.conversation)

    @cached_property
    def keyed(self) -> list[Filter]:
        """The filters of which index keys say something."""
        held = index_terms_of(self.model)
        return [each for each in self.filters if held and each.facts(held)]

    @cached_property
    def unindexed(self) -> list[Filter]:
        """What no index can answer, where only the first rows are to be looked through: short texts, and what
        index keys would say of more workspaces than are asked for."""
        if self.most_searched is None:
            return []
        is_bounded = self._names_few or self.conversation is not None
        keyed = [] if is_bounded else [each for each in self.keyed if not isinstance(each, Contains)]
        return [
            each
            for each in self.filters
            if each in keyed or (isinstance(each, Contains) and not each.is_indexed)
        ]

    @property
    def is_merged(self) -> bool:
        """Whether the rows of a few workspaces are to be merged into one order."""
        return self._names_few and not self.workspace and self.conversation is None and not self.unindexed

    @property
    def _names_few(self) -> bool:
        return self.workspaces is not None and 1 <= len(self.workspaces) <= MOST_MERGED
