"""Which searches an index serves, and the excerpt of a long text that a list shows."""

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Greatest, Least, Left, Length, StrIndex, Substr

from messaging.values.text import fold, has_trigram

__all__ = ["excerpt", "needs_bound"]

AROUND = 100
"""Characters to read on either side of a match: more than are shown."""
MOST_SHIFT = 2_000


def needs_bound(term: str) -> bool:
    """Whether no index of trigrams can find this text."""
    return bool(term) and not has_trigram(term)


def excerpt(column: str, folded_column: str, term: str) -> Combinable:
    """The text around the first match of `term`, or the beginning of the text: cut by the database.

    Folding moves the match, by `shift` at most, so that as much is read in addition on either side.
    """
    sought = fold(term)
    if not sought:
        return Left(column, 2 * AROUND)
    shift = Least(Abs(Length(folded_column) - Length(column)), Value(MOST_SHIFT))
    start = StrIndex(F(folded_column), Value(sought)) - shift - Value(AROUND)
    return Substr(column, Greatest(start, Value(1)), 2 * shift + Value(2 * AROUND + len(sought)))
