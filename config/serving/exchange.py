"""One request and its answer, as the rest of this package sees them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from config.security import forwarded_address
from config.watching.logs import AccessEntry
from config.watching.metrics import count_request
from config.watching.records import Record, request_id_of
from config.wires import dialect_of

from .bodies import discard
from .door import Door
from .reasons import Gone
from .shares import credential_of

__all__ = ["Exchange"]

Event = Mapping[str, Any]
access = logging.getLogger("config.access")

REQUEST_ID = b"x-request-id"
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""They are asked all day long, and tell nothing of how callers are served."""


class Exchange:
    """A request of ASGI on its connection; it counts what is sent, for access log and metrics."""

    def __init__(
        self,
        scope: Event,
        receive: Callable[[], Awaitable[Event]],
        send: Callable[[Event], Awaitable[None]],
        door: Door,
    ) -> None:
        self.scope, self.receive, self.door = scope, receive, door
        self._send = send
        self._began = self._whole = time.monotonic()
        self._answered: float | None = None
        self.status = self.length = 0
        self._headers: Mapping[bytes, bytes] = dict(scope["headers"])
        dialect = dialect_of(self.path)
        given = self._headers.get(REQUEST_ID, b"").decode("latin-1")
        self.record = Record(request_id=request_id_of(given), wire=dialect.name if dialect else "")

    @property
    def path(self) -> str:
        path: str = self.scope["path"]
        return path

    @property
    def client(self) -> str:
        """The address of the client: as the proxy says, where there is a trusted one."""
        forwarded = self._headers.get(b"x-forwarded-for", b"").decode("latin-1")
        if settings.BEHIND_PROXY and (told := forwarded_address(forwarded)):
            return told
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
        if length := self._headers.get(b"content-length"):
            return int(length) or None
        return 0 if b"transfer-encoding" in self._headers else None

    def is_whole(self) -> None:
        """The client has sent all of it: from now on it waits for us."""
        self._whole = time.monotonic()

    async def send(self, event: Event) -> None:
        """Send an event of ASGI, once what was sent before is on its way. Raises Gone."""
        if self.door.connection.is_closing():
            raise Gone
        if event["type"] == "http.response.start":
            self.status, self._answered = event["status"], time.monotonic()
            self.door.joined.keep()
            await self._send(self._with_id(event))
            return
        self.length += len(event.get("body", b""))
        await self._send(event)
        self.door.joined.let_go()

    async def discard(self) -> None:
        """Take what is left of the body, for a while."""
        await discard(self.receive, self.door)

    def report(self) -> None:
        """Count it, and write it to the access log: it is over."""
        if self.path not in PROBES:
            seconds = (self._answered or time.monotonic()) - self._whole
            count_request(self.record, self.scope["method"], self.status, seconds)
        if access.isEnabledFor(logging.INFO):
            entry = self._entry()
            access.info("%s %s %s", entry.method, entry.path, entry.status, extra={"access": entry})

    def _entry(self) -> AccessEntry:
        return AccessEntry(
            client=self.client,
            method=self.scope["method"],
            path=self.scope["raw_path"].decode("ascii", "backslashreplace"),
            http_version=self.scope["http_version"],
            status=self.status,
            bytes=self.length,
            duration_ms=round((time.monotonic() - self._began) * 1000, 1),
            request_id=self.record.request_id,
            wire=self.record.wire,
            route=self.record.route,
            key=self.record.key,
            statements=self.record.statements,
        )

    def _with_id(self, event: Event) -> Event:
        """The beginning of an answer, with the id of the request also where Django has not made it."""
        headers = event["headers"]
        if any(name.lower() == REQUEST_ID for name, _ in headers):
            return event
        return {**event, "headers": [*headers, (REQUEST_ID, self.record.request_id.encode())]}


async def first_of(*awaited: Awaitable[object]) -> None:
    """Wait for the first of them, and cancel the others."""
    tasks = [asyncio.ensure_future(one) for one in awaited]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
