"""What a client is told whose request no view has seen, in the words of the wire that it speaks."""

import re
from collections.abc import Mapping

from django.http import UnreadablePostError

from config.watching.metrics import count_refusal
from config.wires import refusal
from messaging.wire.errors import BodyTooLarge, Refusal, classify

from .answers import Answer
from .reasons import (
    Away,
    Broken,
    Full,
    HeadTooLarge,
    Late,
    TooLarge,
    TooSlow,
    UnknownMethod,
    Unread,
    UrlTooLong,
)

__all__ = ["refuse"]

WORD = re.compile(r"(?<!^)(?=[A-Z])")
"""Where another word of a name begins."""


def refuse(path: str, error: Exception) -> Answer:
    """The answer to a request for this path that was not served, which is counted."""
    count_refusal(_reason_of(error))
    response = refusal(path, _refusal_for(error))
    headers: Mapping[str, str] = dict(response.items())
    if isinstance(error, Unread | Full):
        headers = {**headers, "Connection": "close"}
    body = response.content
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return Answer(response.status_code, [*encoded, (b"content-length", b"%d" % len(body))], body)


def _reason_of(error: Exception) -> str:
    """The name of its class as a label has it, such as `too_large`."""
    return WORD.sub("_", type(error).__name__).lower()


def _refusal_for(error: Exception) -> Refusal:
    match error:
        case UnknownMethod():
            return Refusal(status=405, code="method_not_allowed", detail="Method Not Allowed")
        case UrlTooLong():
            return Refusal(
                status=414, code="url_too_long", detail="The URL is too long; a body may be longer"
            )
        case HeadTooLarge():
            return Refusal(
                status=431, code="head_too_large", detail="The headers of the request are too large"
            )
        case TooLarge():
            return classify(BodyTooLarge(error.limit))
        case TooSlow():
            return Refusal(status=408, code="body_too_slow", detail="The request body came too slowly")
        case Broken():
            return classify(UnreadablePostError())
        case Away():
            return _retry_later("database_unavailable", "The database is not available")
        case Late():
            return _retry_later("overloaded", "The service is overloaded", max(1, round(error.waited)))
    return _retry_later("overloaded", "The service is overloaded")


def _retry_later(code: str, detail: str, seconds: int = 1) -> Refusal:
    return Refusal(status=503, code=code, detail=detail, headers={"Retry-After": str(seconds)})
