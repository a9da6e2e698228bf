"""The messages that a page shows: cut by `seq`, so that their cost does not grow with the conversation."""

from dataclasses import dataclass

from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Cast, Left, StrIndex, Substr
from django.http import QueryDict

from messaging.models import MessageQuerySet
from messaging.values.json import dumps
from messaging.values.text import fold

from .window import Window, window

PAGE = 50
EXCERPT = 4_000
"""Characters that a page shows of one value."""
BEFORE_MATCH = 200
END = 2**63 - 1
"""Greater than every `seq`."""
MAX_QUERY = 1_000
REACH = 10_000
"""Messages before a result among which its call is sought."""


def excerpts(messages: MessageQuerySet) -> MessageQuerySet:
    """Messages with the beginning of their content alone, as one message may have megabytes of it."""
    return messages.annotate(excerpt=Left("content", EXCERPT + 1))


def matched_excerpts(messages: MessageQuerySet, text: str) -> MessageQuerySet:
    """The messages that a search matches, in whatever a page shows of them, each with the part of its content
    around the first match there.

    The position is that in the folded copy of the content, so it may be off by a few characters.
    """
    position = StrIndex(F("search_text"), Value(fold(text)))
    late = When(position__gt=EXCERPT - BEFORE_MATCH, then=F("position") - BEFORE_MATCH)
    start = Case(late, default=Value(1))
    matched = messages.search_shown(text).annotate(position=position)
    return matched.annotate(start=start, excerpt=Substr("content", start, EXCERPT + 1))


@dataclass(frozen=True, slots=True)
class Position:
    """The messages of a page, and why these."""

    window: Window
    query: str
    """Text that the messages were searched for; empty for all of the conversation."""
    message_id: str | None
    """The message that was asked for, if it is in the conversation."""
    missing: str
    """The id of a message or of a call that was asked for and is not in the conversation."""


def position_of(messages: MessageQuerySet, asked: QueryDict) -> Position:
    """The page that a query string asks for, of these messages of one conversation.

    `message` names one that the page shows, `call` the tool call that a result below `before` answers;
    `after` and `before` the `seq` beyond which the page begins or ends, `newest` the end. The default is the
    beginning, because a transcript is read from the top. `q` leaves out messages without a text. Values that
    make no sense are ignored.
    """
    query = _text(asked, "q")[:MAX_QUERY].strip()
    shown = matched_excerpts(messages, query) if query else excerpts(messages)
    message_id = _message_asked_for(messages, asked)
    seq = messages.filter(pk=message_id).values_list("seq", flat=True).first() if message_id else None
    if seq is None:
        missing = _text(asked, "message") or _text(asked, "call")
        return Position(_window_asked_for(shown, asked), query, None, missing)
    return Position(window(shown, at=seq, before=PAGE // 2, after=PAGE // 2), query, message_id, "")


def _window_asked_for(messages: MessageQuerySet, asked: QueryDict) -> Window:
    before = END if "newest" in asked else _number(asked, "before")
    if before is not None:
        return window(messages, at=before, before=PAGE)
    return window(messages, at=(_number(asked, "after") or 0) + 1, after=PAGE)


def _message_asked_for(messages: MessageQuerySet, asked: QueryDict) -> str | None:
    call, before = _text(asked, "call"), _number(asked, "before")
    if call and before:
        return call_before(messages, call, before)
    return _text(asked, "message") or None


def _text(asked: QueryDict, name: str) -> str:
    """A parameter without NUL, which PostgreSQL refuses in every text."""
    return asked.get(name, "").replace("\0", "")


def _number(asked: QueryDict, name: str) -> int | None:
    """A parameter that is a whole number which a column can hold."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(END)) else None


def call_before(messages: MessageQuerySet, call_id: str, before: int) -> str | None:
    """Id of the last message below this `seq` that makes the call with this id, if it is within reach."""
    near = messages.filter(seq__lt=before, seq__gte=before - REACH, tool_calls__isnull=False)
    calling = near.annotate(calls=Cast("tool_calls", TextField())).filter(
        calls__contains=dumps(call_id).decode()
    )
    return calling.order_by("-seq").values_list("pk", flat=True).first()
