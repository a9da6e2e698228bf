"""How a text is searched for in lists of any length, and what of a long text a list shows."""

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest, Least, Left, Length, StrIndex, Substr

from messaging.values.text import fold, has_trigram

__all__ = ["excerpt", "needs_bound"]

AROUND = 100
"""Characters to read on either side of what was found: more than are shown."""
MOST_GROWTH = 2_000


def needs_bound(term: str) -> bool:
    """Whether no index of trigrams can find this text."""
    return bool(term) and not has_trigram(term)


def excerpt(column: str, folded_column: str, term: str) -> Combinable:
    """What stands around the first place of `term` in a text, or its beginning: cut by the database.

    Folding can make a text longer, by `growth` at most before that place, which is read in addition.
    """
    sought = fold(term)
    if not sought:
        return Left(column, 2 * AROUND)
    growth = Least(Length(folded_column) - Length(column), Value(MOST_GROWTH))
    place = StrIndex(F(folded_column), Value(sought)) - growth - Value(AROUND)
    return Substr(column, Greatest(place, Value(1)), growth + Value(2 * AROUND + len(sought)))
