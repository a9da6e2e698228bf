"""What became of the kinds of content that an import has read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from messaging.values.words import grouped


class Outcome(StrEnum):
    """What became of a content. Each is counted under one of these."""

    WHOLE = "whole"
    """It is here, in the words and fields of the store."""
    DATA = "data"
    """It is of a shape that nobody foresaw, and is here as it came, as data."""
    HIDDEN = "hidden"
    """It is here, and marked: its vendor did not show it to the reader."""
    EMPTY = "empty"
    """It says nothing and was left out."""
    REJECTED = "rejected"
    """It cannot be stored."""


Kinds = Counter[tuple[str, Outcome]]
"""How many contents of a kind have come to this."""


@dataclass(frozen=True, slots=True)
class KindLine:
    """The line of one kind in the report of an import."""

    kind: str
    whole: int
    data: int
    hidden: int
    empty: int
    rejected: int

    def __str__(self) -> str:
        counts = (
            (_("%(count)s kept whole"), self.whole),
            (_("%(count)s kept as data"), self.data),
            (_("%(count)s hidden"), self.hidden),
            (_("%(count)s empty"), self.empty),
            (_("%(count)s rejected"), self.rejected),
        )
        told = [text % {"count": grouped(count)} for text, count in counts if count]
        return f"{self.kind}: {', '.join(told)}"


def lines_of(kinds: Kinds) -> Iterator[KindLine]:
    """A line for each kind, by name."""
    for kind in sorted({pair[0] for pair in kinds}):
        yield KindLine(kind, *(kinds[kind, outcome] for outcome in Outcome))


def rejected(kinds: Kinds) -> Kinds:
    """The same contents where none of them can be stored."""
    counted = Kinds()
    for pair, count in kinds.items():
        counted[pair[0], Outcome.REJECTED] += count
    return counted
