"""One POST to an endpoint: to an address that was checked, within a total time."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse

from django.utils import timezone

from messaging.values.addresses import AddressRefused, addresses_of, target_of
from messaging.values.exchange import Exchange

from .reasons import ANSWERED

MOST_OF_ANSWER = 2_000
"""Bytes of an answer that are read."""
LONGEST_ERROR = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of an attempt."""

    status: int | None = None
    answer: str = ""
    error: str = ""
    retry_after: float | None = None
    """Seconds for which the endpoint asks to be left alone."""
    milliseconds: int

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Reply:
    """Post a body; what goes wrong is part of the reply, never raised."""
    began = time.monotonic()
    status, answer, error, retry_after = None, "", "", None
    try:
        target = target_of(url)
        with Exchange(target, addresses_of(target), began + seconds) as exchange:
            response = exchange.post(target, body, headers)
            status, answer = response.status, _head(response)
            retry_after = _retry_after(response.headers.get("Retry-After"))
            error = "" if 200 <= status < 300 else ANSWERED % {"status": status}
    except (AddressRefused, OSError, HTTPException, UnicodeError) as raised:
        error = _text_of(raised)
    return Reply(
        status=status,
        answer=answer,
        error=error,
        retry_after=retry_after,
        milliseconds=round((time.monotonic() - began) * 1_000),
    )


def _head(response: HTTPResponse) -> str:
    """The beginning of the answer's body; empty where it breaks off, as the status has said it all."""
    with suppress(OSError, HTTPException):
        return response.read(MOST_OF_ANSWER).decode(errors="replace").replace("\0", "\ufffd")
    return ""


def _retry_after(value: str | None) -> float | None:
    """The header `Retry-After` in seconds, which may be a number or a date; None for nonsense."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    with suppress(ValueError, TypeError, OverflowError):
        moment = parsedate_to_datetime(value)
        return max(0.0, moment.timestamp() - timezone.now().timestamp())
    return None


def _text_of(error: Exception) -> str:
    text = str(error).replace("\0", " ") or type(error).__name__
    return text[:LONGEST_ERROR]
