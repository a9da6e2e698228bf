"""Where in a conversation the address of a page leads."""

from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import QueryDict

from messaging.values.json import dumps

from .stretch import END, PAGE, Stretch, excerpts, found_excerpts, stretch

__all__ = ["Place", "place_of"]

MAX_QUERY = 1_000
REACH = 10_000
"""Messages among which the call that a result answers is looked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """The messages of a page, and why these."""

    stretch: Stretch
    query: str
    """Text that the messages were searched for; empty for all of the conversation."""
    message_id: str | None
    """The message that was asked for, if it is in the conversation."""
    missing: str
    """What was asked for and is not there: id of a message, or of a call."""


def place_of(messages: Any, asked: QueryDict) -> Place:
    """The page that a query string asks for, of these messages of one conversation.

    `message` names one that is to stand on it, `call` the tool call that a result below `before` answers;
    `after` and `before` the `seq` beyond which it begins or ends, `newest` the end. Otherwise it is the
    beginning: a transcript is read from the top. `q` leaves out what does not contain a text. Whatever makes
    no sense is as if it were not there.
    """
    query = _text(asked, "q")[:MAX_QUERY].strip()
    shown = found_excerpts(messages, query) if query else excerpts(messages)
    message_id = _message_asked_for(messages, asked)
    seq = messages.filter(pk=message_id).values_list("seq", flat=True).first() if message_id else None
    if seq is None:
        missing = _text(asked, "message") or _text(asked, "call")
        return Place(_stretch_asked_for(shown, asked), query, None, missing)
    return Place(stretch(shown, at=seq, before=PAGE // 2, after=PAGE // 2), query, message_id, "")


def _stretch_asked_for(messages: Any, asked: QueryDict) -> Stretch:
    before = END if "newest" in asked else _number(asked, "before")
    if before is not None:
        return stretch(messages, at=before, before=PAGE)
    return stretch(messages, at=(_number(asked, "after") or 0) + 1, after=PAGE)


def _message_asked_for(messages: Any, asked: QueryDict) -> str | None:
    call, before = _text(asked, "call"), _number(asked, "before")
    if call and before:
        return _call_of(messages, call, before)
    return _text(asked, "message") or None


def _text(asked: QueryDict, name: str) -> str:
    """A parameter without NUL, which PostgreSQL takes in no text."""
    return asked.get(name, "").replace("\0", "")


def _number(asked: QueryDict, name: str) -> int | None:
    """A parameter that is a whole number which a column can hold."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(END)) else None


def _call_of(messages: Any, call_id: str, before: int) -> str | None:
    """Id of the last message below this `seq` that makes the call with this id, if it is within reach."""
    near = messages.filter(seq__lt=before, seq__gte=before - REACH, tool_calls__isnull=False)
    calling = near.annotate(calls=Cast("tool_calls", TextField())).filter(
        calls__contains=dumps(call_id).decode()
    )
    found: str | None = calling.order_by("-seq").values_list("pk", flat=True).first()
    return found
