"""The routes of the service, and a stream of events that a view opens and the loop goes on with."""

import asyncio
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.urls import path

from config.urls import handler400, handler404, handler500, urlpatterns
from messaging.models import Workspace

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

BEAT_SECONDS = 2.0


def live(request: HttpRequest) -> HttpResponseBase:
    """Asks the database once, as a view does that looks up a key, and never again."""
    greeting = f"data: {Workspace.objects.count()} workspaces\n\n".encode()
    return StreamingHttpResponse(_events(greeting), content_type="text/event-stream")


async def _events(greeting: bytes) -> AsyncIterator[bytes]:
    yield greeting
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        yield b": still here\n\n"


urlpatterns = [path("live", live), *urlpatterns]
