"""Django's WSGI handler on a thread: what it answers, as far as it is known without waiting for a reader."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import IO, Any

from django.http import HttpResponseBase

from .answers import Answer, Header
from .environ import Environ

__all__ = ["Handler", "Streamed", "answer_of"]

Handler = Callable[[Environ, Callable[..., Any]], HttpResponseBase]
"""Django's `WSGIHandler`, which answers with the response itself."""

AT_ONCE = 1024 * 1024
"""A streamed answer that announces no more bytes than this is read by the thread that made it."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer whose body is still to be made: by a thread, or on the loop where it is asynchronous."""

    status: int
    headers: list[Header]
    response: HttpResponseBase

    @property
    def is_live(self) -> bool:
        return bool(getattr(self.response, "is_async", False))


def answer_of(handler: Handler, environ: Environ, body: IO[bytes]) -> Answer | Streamed:
    """Have Django answer; closes the body."""
    started: list[tuple[int, list[Header]]] = []

    def start_response(status: str, headers: Iterable[tuple[str, str]], *_: object) -> None:
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        started.append((int(status[:3]), encoded))

    with body:
        response = handler(environ, start_response)
    [(status, headers)] = started
    streamed = Streamed(status, headers, response)
    if streamed.is_live:
        # What Django does at the end of a request may ask the database, which the loop may not.
        response.close()
        return streamed
    if _is_long(response):
        return streamed
    try:
        return Answer(status, headers, b"".join(response))
    finally:
        response.close()


def _is_long(response: HttpResponseBase) -> bool:
    return response.streaming and not int(response.get("Content-Length") or AT_ONCE + 1) <= AT_ONCE
