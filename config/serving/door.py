"""A connection: what it may take to send the head of a request, and what an answer may take to leave."""

import asyncio
import re
import socket
from contextvars import ContextVar
from http import HTTPMethod, HTTPStatus
from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .answers import Answer
from .reasons import UnknownMethod
from .refusing import refuse

__all__ = ["Door", "current_door"]

HEAD_SECONDS, HEAD_BYTES = 10.0, 64 * 1024
"""What the head of a request may take, from its first byte or, the first, from the connection's beginning."""
UNACKNOWLEDGED_SECONDS = 60
"""The kernel ends a connection whose peer has taken nothing for so long."""
HEAD_TOO_LARGE = Answer(431, [(b"content-length", b"0"), (b"connection", b"close")])
REQUEST_LINE = re.compile(rb"([!-~]+) (/[^ ?]*)\S* HTTP/1\.")
METHODS = frozenset(method.encode() for method in HTTPMethod)

_door: ContextVar["Door"] = ContextVar("door")


def current_door() -> "Door":
    """The connection of the request that this task serves."""
    return _door.get()


class Door(HttpToolsProtocol):
    """uvicorn's protocol with deadlines. It overrides what asyncio and httptools call, and nothing else."""

    open_doors = 0
    """Connections of this process."""
    stopping = False
    """Whether a connection ends with the request that it carries, since the process does."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.connection = cast(asyncio.Transport, transport)
        self.ended = asyncio.Event()
        self.waiting: asyncio.Timeout | None = None
        """What the application waits for, which is in vain once the client has gone."""
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._requests = 0
        Door.open_doors += 1
        _prepare(transport.get_extra_info("socket"))
        super().connection_made(transport)  # type: ignore[arg-type]  # which names its own kind
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        Door.open_doors -= 1
        self._end_head()
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._requests and not self._head_bytes and self._refuses_method(data):
            return
        token = _door.set(self)
        try:
            super().data_received(data)
        finally:
            _door.reset(token)
        if self._head_timer and not self.connection.is_closing():
            self._count_head(len(data))

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes an answer here
        """The client says no more. Whether the connection stays open: until the answer is out."""
        self._end()
        return self._requests > 0

    def on_message_begin(self) -> None:
        self._begin_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._end_head()
        self._requests += 1
        super().on_headers_complete()
        if Door.stopping:
            self.shutdown()

    def answered(self) -> None:
        """The application has dealt with a request."""
        self._requests -= 1
        if self.ended.is_set() and not self._requests:
            self.connection.close()

    def cut(self) -> None:
        """End the connection at once, whatever has not left yet."""
        self.connection.abort()

    def _end(self) -> None:
        self.ended.set()
        if self.waiting and not self.waiting.expired():
            self.waiting.reschedule(0)

    def _begin_head(self) -> None:
        self._end_head()
        self._head_timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self.connection.close)

    def _end_head(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        self._head_bytes = 0

    def _count_head(self, more: int) -> None:
        self._head_bytes += more
        if self._head_bytes > HEAD_BYTES:
            self._refuse(HEAD_TOO_LARGE)

    def _refuses_method(self, data: bytes) -> bool:
        """Answer a request by a method of nobody, of which the parser says no more than that it is none."""
        line = REQUEST_LINE.match(data)
        if line is None or line[1] in METHODS:
            return False
        self._refuse(refuse(line[2].decode("ascii", "replace"), UnknownMethod()))
        return True

    def _refuse(self, answer: Answer) -> None:
        status = HTTPStatus(answer.status)
        lines = [b"HTTP/1.1 %d %s" % (status, status.phrase.encode())]
        lines += [b"%s: %s" % header for header in answer.headers]
        self.connection.write(b"\r\n".join([*lines, b"", answer.body]))
        self.connection.close()


def _prepare(sock: socket.socket) -> None:
    """Have the kernel send at once, and end a connection whose peer takes nothing."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_SECONDS * 1000)
