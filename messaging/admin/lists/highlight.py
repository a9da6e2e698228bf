"""Marking what a search found in a text, by the rule by which the search finds it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from messaging.values.text import fold

__all__ = ["highlight", "snippet"]

Span = tuple[int, int]
ELLIPSIS = "…"


def highlight(text: str, term: str) -> SafeString:
    """The text as HTML, `<mark>` around whatever a search for `term` finds in it; everything is escaped."""
    pieces, position = [], 0
    for start, end in _matches(text, term):
        pieces += [text[position:start], format_html("<mark>{}</mark>", text[start:end])]
        position = end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, text[position:]]))


def snippet(text: str, term: str = "", *, around: int = 80) -> SafeString:
    """As `highlight`, cut to `around` characters before and after the first match, or to the beginning.

    An ellipsis stands where something was cut off.
    """
    first = next(_matches(text, term), (0, around))
    start, end = max(first[0] - around, 0), min(first[1] + around, len(text))
    before, after = ELLIPSIS if start else "", ELLIPSIS if end < len(text) else ""
    return format_html("{}{}{}", before, highlight(text[start:end], term), after)


def _matches(text: str, term: str) -> Iterator[Span]:
    """Where the term is found, as places in the text itself: apart from each other and in order.

    Folding can make a text longer ("ß" becomes "ss"). A character of which a match covers a part is in it.
    """
    folded, sought = fold(text), fold(term)
    if not sought:
        return
    ends = None if len(folded) == len(text) else list(accumulate(len(fold(character)) for character in text))
    at = folded.find(sought)
    last = 0
    while at >= 0:
        start, end = _in_text(ends, at, at + len(sought))
        if end > last:
            yield max(start, last), end
            last = end
        at = folded.find(sought, at + len(sought))


def _in_text(ends: Sequence[int] | None, start: int, end: int) -> Span:
    """A span of the folded text as one of the text: `ends` says where the folding of each character ends."""
    if ends is None:
        return start, end
    return bisect_right(ends, start), bisect_right(ends, end - 1) + 1
