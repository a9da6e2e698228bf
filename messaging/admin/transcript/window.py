"""The window of messages that a page shows: cut by `seq`, so its cost does not grow with the conversation."""

from dataclasses import dataclass

from django.db.models import Case, F, Value, When
from django.db.models.functions import Left, StrIndex, Substr

from messaging.models import Message, MessageQuerySet
from messaging.values.text import fold

__all__ = ["END", "EXCERPT", "MARGIN", "PAGE", "Window", "excerpts", "matched_excerpts", "window"]

PAGE = 50
MARGIN = 20
"""Messages beyond either end of a page that are read to fold results under their calls."""
EXCERPT = 4_000
"""Characters that a page shows of one value."""
BEFORE_MATCH = 200
END = 2**63 - 1
"""Greater than every `seq`."""


@dataclass(frozen=True, slots=True)
class Window:
    """Messages of a page and their neighbours, in the order of `seq`."""

    earlier: list[Message]
    rows: list[Message]
    later: list[Message]

    @property
    def all(self) -> list[Message]:
        return [*self.earlier, *self.rows, *self.later]


def window(messages: MessageQuerySet, *, at: int, before: int = 0, after: int = 0) -> Window:
    """Up to `before` messages below `seq` number `at`, and up to `after` from it on, in two statements."""
    ahead = _read(messages.filter(seq__gte=at).order_by("seq")[: after + MARGIN])
    behind = _read(messages.filter(seq__lt=at).order_by("-seq")[: before + MARGIN])
    return Window(
        earlier=behind[before:][::-1], rows=[*behind[:before][::-1], *ahead[:after]], later=ahead[after:]
    )


def excerpts(messages: MessageQuerySet) -> MessageQuerySet:
    """Messages with the beginning of their content alone, as one message may have megabytes of it."""
    return messages.annotate(excerpt=Left("content", EXCERPT + 1))


def matched_excerpts(messages: MessageQuerySet, text: str) -> MessageQuerySet:
    """The messages that a search matches, each with the part of its content around the first match.

    The position is that in the folded copy of the content, so it may be off by a few characters.
    """
    position = StrIndex(F("search_text"), Value(fold(text)))
    late = When(position__gt=EXCERPT - BEFORE_MATCH, then=F("position") - BEFORE_MATCH)
    start = Case(late, default=Value(1))
    matched = messages.search(text).annotate(position=position)
    return matched.annotate(start=start, excerpt=Substr("content", start, EXCERPT + 1))


def _read(messages: MessageQuerySet) -> list[Message]:
    rows = list(messages.defer("content", "search_text"))
    for row in rows:
        row.content = _excerpt(row)
    return rows


def _excerpt(row: Message) -> str:
    """What `excerpts` or `matched_excerpts` read of the content."""
    annotated = vars(row)
    return f"…{annotated['excerpt']}" if annotated.get("start", 1) > 1 else str(annotated["excerpt"])
