"""Listings by the posting lists of SQLite: a short list is read at once, a longer one as its selectivity
says."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Q

from messaging.sql.rows import Reading
from messaging.sql.running import Row

from .conditions import Facts
from .filters import Compared, Condition, Contains, ContainsShown, Filter, is_conversation, is_null
from .posting_list import MatchedRows
from .postings import (
    Postings,
    Selectivity,
    bounded,
    containing,
    having,
    is_long,
    number_of,
    selectivity_of,
    within_postings,
)
from .querysets import StoreQuerySet
from .sources import Total
from .terms import index_terms_of

RARER = 4
"""How many times as frequent as another a posting list is, to be asked row by row of what the other
leaves."""


class Answered(NamedTuple):
    """A posting list, and the filters that it answers."""

    postings: Postings
    filters: tuple[Filter, ...]


class SQLitePostingListScan(MatchedRows):
    """By the tables that stand for an index of keys and trigrams."""

    __slots__ = ()

    @property
    def queryset(self) -> StoreQuerySet[Any]:
        return self._planned(in_order=False)

    def selected(self, reading: Reading) -> list[Row]:
        try:
            rows = self._at_once(reading)
        except EmptyResultSet:  # no row can match
            self.known["total"] = 0
            return []
        if rows is not None:
            return rows
        return self.cut(self._planned(in_order=True)).selected(reading)

    def counted(self) -> Total:
        listing, lists = self.matching.listing, self._lists
        nulls = [each.column for each in listing.filters if is_null(each)]
        others = [each for each in listing.filters if not is_null(each)]
        answers_all = (
            len(lists) == 1
            and len(nulls) <= 1
            and listing.rows is None
            and all(each in lists[0].filters or is_conversation(each) for each in others)
        )
        if not answers_all or not lists[0].postings.are_distinct:
            return super().counted()
        number = number_of(lists[0].postings, connections[self.db])
        for column in nulls:  # few rows have a value there, and an index of their own
            number -= self.matching.narrowed(*others, also=[Q(**{f"{column}__isnull": False})]).count()
        return Total(number, is_exact=True)

    def _at_once(self, reading: Reading) -> list[Row] | None:
        """The page out of all rows that match, where one posting list holds them and is short."""
        lists = self._lists
        if len(lists) != 1 or "is long" in self.known:
            return None
        [answered] = lists
        matching = self._narrowed(lists, within_postings())
        total, number, rows = self.page(reading, matching.source(), lists=bounded(answered.postings))
        if is_long(number):
            self.known["is long"] = True
            return None
        self.known["total"] = total
        return rows

    @property
    def _lists(self) -> list[Answered]:
        """The posting lists that answer filters: one for all keys that every row must have, one for each
        choice of several keys, one for each text."""
        lists: list[Answered] = []
        listing = self.matching.listing
        held, scope = index_terms_of(self.model), listing.scope
        musts: list[tuple[Filter, Facts]] = []
        for each in listing.filters:
            if isinstance(each, Contains):
                postings = containing(each.text, scope, in_others=isinstance(each, ContainsShown))
                lists += [Answered(postings, (each,))] if postings else []
            elif held and (facts := each.facts(held)):
                if all(len(choice) == 1 for choice in facts):
                    musts.append((each, facts))
                else:
                    lists += [Answered(one, (each,)) for one in having(facts, scope)]
        every = [choice for _, facts in musts for choice in facts]
        if every:
            [postings] = having(every, scope)
            lists.append(Answered(postings, tuple(each for each, _ in musts)))
        return lists

    def _planned(self, *, in_order: bool) -> StoreQuerySet[Any]:
        """All rows that match, by the posting lists that are worth reading. Asks how long they are, once.

        Rows of which two lists must say so are not scanned for: they may be so rare that the scan comes
        across none.
        """
        lists = self._lists
        known = [self._selectivity(answered.postings) for answered in lists]
        rarest = min((one.postings for one in known), default=0)
        worth = [
            (answered, condition)
            for answered, one in zip(lists, known, strict=True)
            if one.postings <= rarest * RARER
            and (condition := answered.postings.condition(one, in_order=in_order and len(lists) == 1))
        ]
        kept = [one for one, _ in worth]
        by_value = {id(each) for one in lists if one not in kept for each in one.filters}
        exact = (one for one in kept if by_value.isdisjoint(map(id, one.filters)))
        return self._narrowed(exact, *(condition for _, condition in worth))

    def _narrowed(self, lists: Iterable[Answered], *also: Condition) -> StoreQuerySet[Any]:
        """The rows of the tenant that match every filter but those which these lists answer exactly."""
        answered = {id(each) for one in lists if one.postings.are_exact for each in one.filters}
        filters = self.matching.listing.filters
        return self.matching.narrowed(*(each for each in filters if id(each) not in answered), also=also)

    def _selectivity(self, postings: Postings) -> Selectivity:
        if postings not in self.known:
            filters = self.matching.listing.filters
            ranges = [each for each in filters if isinstance(each, Compared)]
            rest = self.matching.narrowed(*ranges, *filter(is_conversation, filters)).source()
            self.known[postings] = selectivity_of(postings, rest, connections[self.db], is_more=bool(ranges))
        answer: Selectivity = self.known[postings]
        return answer
