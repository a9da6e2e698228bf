"""One request and its answer, as the rest of this package sees them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .bodies import discard
from .door import Door
from .reasons import Gone
from .shares import credential_of

__all__ = ["Exchange"]

Event = Mapping[str, Any]
access = logging.getLogger("config.access")


class Exchange:
    """A request of ASGI on its connection; it counts what is sent, for the access log."""

    def __init__(
        self,
        scope: Event,
        receive: Callable[[], Awaitable[Event]],
        send: Callable[[Event], Awaitable[None]],
        door: Door,
    ) -> None:
        self.scope, self.receive, self.door = scope, receive, door
        self._send = send
        self._began = time.monotonic()
        self.status = self.length = 0

    @property
    def path(self) -> str:
        path: str = self.scope["path"]
        return path

    @property
    def client(self) -> str:
        """The address of the client, or of the proxy in front of it."""
        client = self.scope.get("client")
        return str(client[0]) if client else "-"

    @property
    def credential(self) -> str:
        """What the caller shows of itself."""
        return credential_of(self.scope["headers"])

    def is_probe(self, path: str) -> bool:
        """Whether an orchestrator asks for this path."""
        return self.scope["path"] == path and self.scope["method"] in ("GET", "HEAD")

    @property
    def announced(self) -> int | None:
        """The bytes of the body by its head; 0 if it does not say how many, None if there is no body."""
        headers = dict(self.scope["headers"])
        if length := headers.get(b"content-length"):
            return int(length) or None
        return 0 if b"transfer-encoding" in headers else None

    async def send(self, event: Event) -> None:
        """Send an event of ASGI, once what was sent before is on its way. Raises Gone."""
        if self.door.connection.is_closing():
            raise Gone
        if event["type"] == "http.response.start":
            self.status = event["status"]
        else:
            self.length += len(event.get("body", b""))
        await self._send(event)

    async def discard(self) -> None:
        """Take what is left of the body, for a while."""
        await discard(self.receive, self.door)

    async def gone(self) -> None:
        """Returns when the client has gone, or says that it sends no more."""
        await self.door.ended.wait()

    def log(self) -> None:
        """One line in the common format, without the query: it may hold what somebody searched for."""
        if not access.isEnabledFor(logging.INFO):
            return
        line = f"{self.scope['method']} {self.scope['raw_path'].decode('ascii', 'backslashreplace')}"
        moment = time.strftime("%d/%b/%Y:%H:%M:%S %z")
        milliseconds = (time.monotonic() - self._began) * 1000
        access.info(
            '%s - - [%s] "%s HTTP/%s" %s %d %.1fms',
            *(self.client, moment, line, self.scope["http_version"]),
            *(self.status or "-", self.length, milliseconds),
        )


async def first_of(*awaited: Awaitable[object]) -> None:
    """Wait for the first of them, and cancel the others."""
    tasks = [asyncio.ensure_future(one) for one in awaited]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
