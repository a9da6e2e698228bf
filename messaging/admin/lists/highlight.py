"""Matches of a search in a text: marked by the rule of the search itself, and cut out by the database."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Greatest, Least, Left, Length, StrIndex, Substr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from messaging.values.text import clusters, fold

Span = tuple[int, int]
ELLIPSIS = "…"
AROUND = 100
"""Characters to read on either side of a match: more than are shown."""
MOST_SHIFT = 2_000


def highlight(text: str, term: str) -> SafeString:
    """The text as escaped HTML, `<mark>` around each match of a search for `term`."""
    pieces, position = [], 0
    for start, end in _matches(text, term):
        pieces += [text[position:start], format_html("<mark>{}</mark>", text[start:end])]
        position = end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[position:]]))


def snippet(text: str, term: str = "", *, around: int = 80) -> SafeString:
    """As `highlight`, cut to `around` characters before and after the first match, or to the beginning.

    An ellipsis marks each cut.
    """
    first = next(_matches(text, term), (0, around))
    start, end = max(first[0] - around, 0), min(first[1] + around, len(text))
    before, after = ELLIPSIS if start else "", ELLIPSIS if end < len(text) else ""
    return format_html("{}{}{}", before, highlight(text[start:end], term), after)


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


def _matches(text: str, term: str) -> Iterator[Span]:
    """The matches of the term as spans of the text itself, in order and without overlap.

    Folding can make a text longer ("ß" becomes "ss") or shorter. What folds together is marked together.
    """
    folded, sought = fold(text), fold(term)
    if not sought:
        return
    spans = None if text.isascii() else _Spans(text)
    at = folded.find(sought)
    last = 0
    while at >= 0:
        start, end = (at, at + len(sought)) if spans is None else spans.span(at, at + len(sought))
        if end > last:
            yield max(start, last), end
            last = end
        at = folded.find(sought, at + len(sought))


class _Spans:
    """From spans of the folded text to spans of the text."""

    def __init__(self, text: str) -> None:
        pieces = list(clusters(text))
        self.ends = list(accumulate(map(len, pieces)))
        self.folded_ends = list(accumulate(len(fold(piece)) for piece in pieces))

    def span(self, start: int, end: int) -> Span:
        first, last = bisect_right(self.folded_ends, start), bisect_right(self.folded_ends, end - 1)
        return (self.ends[first - 1] if first else 0), self.ends[last]
