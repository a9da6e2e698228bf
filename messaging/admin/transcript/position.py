"""The position in a conversation that the address of a page asks for."""

from dataclasses import dataclass

from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import QueryDict

from messaging.models import MessageQuerySet
from messaging.values.json import dumps

from .window import END, PAGE, Window, excerpts, matched_excerpts, window

__all__ = ["Position", "position_of"]

MAX_QUERY = 1_000
REACH = 10_000
"""Messages before a result among which its call is sought."""


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
        return _call_of(messages, call, before)
    return _text(asked, "message") or None


def _text(asked: QueryDict, name: str) -> str:
    """A parameter without NUL, which PostgreSQL refuses in every text."""
    return asked.get(name, "").replace("\0", "")


def _number(asked: QueryDict, name: str) -> int | None:
    """A parameter that is a whole number which a column can hold."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(END)) else None


def _call_of(messages: MessageQuerySet, call_id: str, before: int) -> str | None:
    """Id of the last message below this `seq` that makes the call with this id, if it is within reach."""
    near = messages.filter(seq__lt=before, seq__gte=before - REACH, tool_calls__isnull=False)
    calling = near.annotate(calls=Cast("tool_calls", TextField())).filter(
        calls__contains=dumps(call_id).decode()
    )
    return calling.order_by("-seq").values_list("pk", flat=True).first()
