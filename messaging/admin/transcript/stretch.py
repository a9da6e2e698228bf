"""Which messages a page shows: a stretch of the conversation, found by number, however long the whole is."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.functions import Left, StrIndex, Substr

from messaging.models import Message
from messaging.values.text import fold

__all__ = ["END", "EXCERPT", "MARGIN", "PAGE", "Stretch", "excerpts", "found_excerpts", "stretch"]

PAGE = 50
MARGIN = 20
"""Messages beyond either end of a page that are read to fold results under their calls."""
EXCERPT = 4_000
"""Characters that a page shows of one value."""
BEFORE_MATCH = 200
END = 2**63 - 1
"""Greater than every `seq`."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Messages of a page and their neighbours, in the order of `seq`."""

    earlier: list[Message]
    rows: list[Message]
    later: list[Message]

    @property
    def all(self) -> list[Message]:
        return [*self.earlier, *self.rows, *self.later]


def stretch(messages: Any, *, at: int, before: int = 0, after: int = 0) -> Stretch:
    """Up to `before` messages below `seq` number `at`, and up to `after` from it on, in two statements."""
    ahead = _read(messages.filter(seq__gte=at).order_by("seq")[: after + MARGIN])
    behind = _read(messages.filter(seq__lt=at).order_by("-seq")[: before + MARGIN])
    return Stretch(
        earlier=behind[before:][::-1], rows=[*behind[:before][::-1], *ahead[:after]], later=ahead[after:]
    )


def excerpts(messages: Any) -> Any:
    """Messages with the beginning of their content alone: a page of long ones must not weigh 50 x 10 MB."""
    return messages.annotate(excerpt=Left("content", EXCERPT + 1))


def found_excerpts(messages: Any, text: str) -> Any:
    """Those of the messages that a search finds, each with that part of its content where the text is.

    The place is taken from the folded copy of the content, so it may be off by a few characters.
    """
    place = StrIndex(F("search_text"), Value(fold(text)))
    late = When(place__gt=EXCERPT - BEFORE_MATCH, then=F("place") - BEFORE_MATCH)
    start = Case(late, default=Value(1))
    found = messages.search(text).annotate(place=place)
    return found.annotate(start=start, excerpt=Substr("content", start, EXCERPT + 1))


def _read(rows: Any) -> list[Message]:
    found: list[Message] = list(rows.defer("content", "search_text"))
    for row in found:
        row.content = _excerpt(row)
    return found


def _excerpt(row: Any) -> str:
    """What `excerpts` or `found_excerpts` took of the content."""
    return f"…{row.excerpt}" if getattr(row, "start", 1) > 1 else str(row.excerpt)
