"""Server-sent events: an answer that goes on, for as long as the client wants and the server can."""

from collections.abc import AsyncIterable, Iterable
from typing import ClassVar

import orjson
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from .responses import KEPT_BY_NOBODY

EVENT_STREAM, LAST_EVENT_ID = "text/event-stream", "Last-Event-ID"
SERVES_ASYNC = "parley.serves_async_iterators"
"""Set in the environment of a request by a WSGI server that runs an asynchronous answer on a loop."""

RETRY_MILLISECONDS = 2000


class EventStream(StreamingHttpResponse):
    """Events as they come. No proxy may keep them back."""

    resumes: ClassVar[bool] = True
    """A client that connects anew names the last event that it has seen."""

    def __init__(self, events: Iterable[bytes] | AsyncIterable[bytes]) -> None:
        headers = {**KEPT_BY_NOBODY, "X-Accel-Buffering": "no"}
        super().__init__(events, content_type=EVENT_STREAM, headers=headers)


class WholeEventStream(EventStream):
    """The same where whoever connects anew gets every event from the first on."""

    resumes = False


def may_go_on(request: HttpRequest) -> bool:
    """Whether the server runs an asynchronous iterator, so that an open answer holds no thread."""
    return isinstance(request, ASGIRequest) or bool(request.META.get(SERVES_ASYNC))


def opening() -> bytes:
    """What a stream begins with: the client sees that it is open, and learns when to ask again."""
    return f"retry: {RETRY_MILLISECONDS}\n\n".encode()


def event(data: object, *, event_id: str, name: str | None = None) -> bytes:
    """An event of one line of JSON; one without a name is a `message`."""
    named = f"event: {name}\n" if name else ""
    return b"".join((f"id: {event_id}\n{named}data: ".encode(), orjson.dumps(data), b"\n\n"))


def silence(event_id: str) -> bytes:
    """A comment that keeps the connection, and the position that the client has reached. It is no event."""
    return f":\nid: {event_id}\n\n".encode()
