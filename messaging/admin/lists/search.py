"""Which searches an index serves, and the excerpt of a long text that a list shows."""

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least, Left, Length, StrIndex, Substr

from messaging.values.text import fold, has_trigram

__all__ = ["excerpt", "needs_bound"]

AROUND = 100
"""Characters to read on either side of a match: more than are shown."""
MOST_GROWTH = 2_000


def needs_bound(term: str) -> bool:
    """Whether no index of trigrams can find this text."""
    return bool(term) and not has_trigram(term)


def excerpt(column: str, folded_column: str, term: str) -> Combinable:
    """The text around the first match of `term`, or the beginning of the text: cut by the database.

    Folding can make a text longer, by at most `growth` before the match, which is read in addition.
    """
    sought = fold(term)
    if not sought:
        return Left(column, 2 * AROUND)
    growth = Least(Length(folded_column) - Length(column), Value(MOST_GROWTH))
    start = StrIndex(F(folded_column), Value(sought)) - growth - Value(AROUND)
    return Substr(column, Greatest(start, Value(1)), growth + Value(2 * AROUND + len(sought)))
