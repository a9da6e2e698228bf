"""Filters: what narrows a listing, as values that know neither a wire nor which index serves them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal, NamedTuple

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable

from messaging.values.text import fold, has_trigram, normalized

from .conditions import Facts, HasKeys, HasPair, HasTexts, spelled
from .terms import PRESENT, IndexTermsField, index_terms_of, listed, pair, scalar

Condition = Q | Combinable


class Scope(NamedTuple):
    """Whose rows a queryset is confined to, as far as its author has named it."""

    workspaces: tuple[str, ...] = ()
    conversation: str | None = None

    def ids_for(self, held: IndexTermsField) -> tuple[str, ...]:
        """The ids by which the index keys of these rows are made: those of the narrowest scope."""
        if self.conversation is not None and "conversation_id" in held.scopes and self.workspaces:
            return (self.conversation,)
        return self.workspaces


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow a listing by a column. Equal filters narrow alike."""

    column: str

    @property
    def identity(self) -> Sequence[Any]:
        """What tells it from others, as JSON takes it, in whatever order its values were given."""
        return (type(self).__name__, *(getattr(self, each.name) for each in fields(self)))

    def by_value(self) -> Condition:
        """The condition upon the columns themselves."""
        raise NotImplementedError

    def facts(self, held: IndexTermsField) -> Facts:
        """What index keys of this kind say of the rows: none where they say nothing."""
        return []


@dataclass(frozen=True, slots=True)
class Equal(Filter):
    """A column holds this value; None for none."""

    value: Any

    def by_value(self) -> Condition:
        return Q(**{self.column: self.value})

    def facts(self, held: IndexTermsField) -> Facts:
        has_key = self.column in held.values and self.value != held.usual.get(self.column)
        return [[scalar(self.column, self.value)]] if has_key else []


@dataclass(frozen=True, slots=True)
class AnyOf(Filter):
    """A column holds one of these texts."""

    values: tuple[str, ...]

    @property
    def identity(self) -> Sequence[Any]:
        return ("AnyOf", self.column, sorted(set(self.values)))

    def by_value(self) -> Condition:
        return Q(**{f"{self.column}__in": self.values})

    def facts(self, held: IndexTermsField) -> Facts:
        has_keys = self.column in held.values and held.usual.get(self.column) not in self.values
        return [[scalar(self.column, value) for value in self.values]] if has_keys else []


@dataclass(frozen=True, slots=True)
class Compared(Filter):
    """A moment or number lies on one side of this one. It has no index key, but bounds an order by it."""

    lookup: Literal["gt", "gte", "lt", "lte"]
    value: datetime | int

    @property
    def is_upper(self) -> bool:
        return self.lookup in ("lt", "lte")

    def by_value(self) -> Condition:
        return Q(**{f"{self.column}__{self.lookup}": self.value})


@dataclass(frozen=True, slots=True)
class Texts(Filter):
    """The list of texts in a column has one of each of these choices, however their characters are
    composed."""

    choices: tuple[tuple[str, ...], ...]

    @classmethod
    def any_of(cls, column: str, texts: Iterable[str]) -> "Texts":
        """It has one of these texts."""
        return cls(column, (tuple(texts),))

    @classmethod
    def all_of(cls, column: str, texts: Iterable[str]) -> "Texts":
        """It has all of these texts."""
        return cls(column, tuple((text,) for text in texts))

    @property
    def identity(self) -> Sequence[Any]:
        return ("Texts", self.column, sorted({tuple(sorted(set(choice))) for choice in self.choices}))

    def by_value(self) -> Condition:
        return HasTexts(
            self.column, [[shape for text in one for shape in _shapes(text)] for one in self.choices]
        )

    def facts(self, held: IndexTermsField) -> Facts:
        if self.column not in held.lists:
            return []
        return [[listed(self.column, text) for text in choice] for choice in self.choices]


@dataclass(frozen=True, slots=True)
class Pairs(Filter):
    """The object in a column has each of these keys at its top, with the text or the scalar that it
    spells."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, column: str, pairs: Mapping[str, str]) -> "Pairs":
        return cls(column, tuple(pairs.items()))

    @property
    def identity(self) -> Sequence[Any]:
        return ("Pairs", self.column, sorted(self.pairs))

    def by_value(self) -> Condition:
        condition = Q()
        for key, text in self.pairs:
            condition &= Q(HasPair(self.column, key, text))
        return condition

    def facts(self, held: IndexTermsField) -> Facts:
        if self.column not in held.objects:
            return []
        every = [[pair(self.column, key, value) for value in spelled(text)] for key, text in self.pairs]
        return [[fact for fact in one if fact is not None] for one in every]


@dataclass(frozen=True, slots=True)
class Contains(Filter):
    """The text of which this column holds the folded copy contains this one, case ignored."""

    text: str

    @property
    def is_indexed(self) -> bool:
        """Whether an index of trigrams can find it."""
        return has_trigram(self.text)

    def by_value(self) -> Condition:
        return Q(**{f"{self.column}__contains": fold(self.text)})

    def facts(self, held: IndexTermsField) -> Facts:
        # PostgreSQL takes the trigrams from the search itself; the key confines it to the tenant.
        return [[PRESENT]] if self.is_indexed else []


@dataclass(frozen=True, slots=True)
class ContainsShown(Contains):
    """The same of this text or of another one of the row, which `also` is the folded copy of."""

    also: str

    def by_value(self) -> Condition:
        sought = fold(self.text)
        return Q(**{f"{self.column}__contains": sought}) | Q(**{f"{self.also}__contains": sought})


def narrowing(
    model: type[models.Model], filters: Iterable[Filter], scope: Scope, *, vendor: str
) -> list[Condition]:
    """The conditions of these filters upon rows within this scope: by index keys where there are such.

    On SQLite a row is compared by its columns, but for what is compared in another shape than it is stored.
    """
    held = index_terms_of(model)
    ids = scope.ids_for(held) if held else ()
    conditions: list[Condition] = []
    wanted: list[Sequence[bytes]] = []
    for each in filters:
        facts = each.facts(held) if held and ids else []
        if vendor == "sqlite" and isinstance(each, Contains | Equal):
            facts = []
        wanted += facts
        if not facts or isinstance(each, Contains):
            conditions.append(each.by_value())
    # Any other key implies that the row is there.
    wanted = [one for one in wanted if list(one) != [PRESENT]] or wanted[:1]
    return [*conditions, HasKeys(ids, wanted)] if wanted else conditions


def is_conversation(each: Filter) -> bool:
    """Whether a filter names the conversation whose rows are asked for."""
    return isinstance(each, Equal) and each.column == "conversation_id"


def is_null(each: Filter) -> bool:
    """Whether a filter asks for no value in its column: an index scan tests that on each row."""
    return isinstance(each, Equal) and each.value is None


def _shapes(text: str) -> list[str]:
    """The text as it was given, composed and decomposed."""
    return list(dict.fromkeys([text, normalized(text, "NFC"), normalized(text, "NFD")]))
