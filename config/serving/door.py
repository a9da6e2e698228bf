"""A connection: what it may take to send the head of a request, and what an answer may take to leave."""

import asyncio
import re
import socket
from contextvars import ContextVar
from http import HTTPMethod, HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .answers import Answer
from .reasons import HeadTooLarge, UnknownMethod, UrlTooLong
from .refusing import refuse

__all__ = ["Door", "current_door"]

HEAD_SECONDS, HEAD_BYTES = 10.0, 64 * 1024
"""What the head of a request may take, from its first byte or, the first, from the connection's beginning."""
MOST_OF_A_PATH = 1_024
"""Bytes of a path, of which the beginning tells the wire."""
LINGER_SECONDS = 2.0
"""So long a refused client may go on sending; to close on unread bytes would take the answer back."""
UNACKNOWLEDGED_SECONDS = 60
"""The kernel ends a connection whose peer has taken nothing for so long."""
REQUEST_LINE = re.compile(rb"([!-~]+) (/[^ ?]*)\S* HTTP/1\.")
METHODS = frozenset(method.encode() for method in HTTPMethod)

_door: ContextVar["Door"] = ContextVar("door")


def current_door() -> "Door":
    """The connection of the request that this task serves."""
    return _door.get()


class Joined:
    """A transport that keeps what is written until it is told to let it go, and then writes it at once.

    A head and the body that follows it are two writes of uvicorn: each would be a packet and a system call.
    """

    def __init__(self, connection: asyncio.Transport) -> None:
        self._connection = connection
        self._kept: list[bytes] | None = None
        self._has_ended = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def keep(self) -> None:
        """Keep what is written from now on."""
        self._kept = []

    def let_go(self) -> None:
        """Write what was kept, and whatever comes at once."""
        kept, self._kept = self._kept, None
        if kept:
            self._connection.write(b"".join(kept))

    def end(self) -> None:
        """Tell the client that nothing more comes, and take nothing more from uvicorn."""
        self._has_ended = True
        self._connection.write_eof()

    def write(self, data: bytes) -> None:
        """Write or keep it."""
        if self._has_ended:
            return
        if self._kept is None:
            self._connection.write(data)
        else:
            self._kept.append(data)

    def close(self) -> None:
        """Close the connection once all is written."""
        if not self._has_ended:
            self.let_go()
            self._connection.close()


class Door(HttpToolsProtocol):
    """uvicorn's protocol with deadlines. It overrides what asyncio and httptools call, and nothing else."""

    open_doors = 0
    """Connections of this process."""
    stopping = False
    """Whether a connection ends with the request that it carries, since the process does."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.connection = cast(asyncio.Transport, transport)
        self.joined = Joined(self.connection)
        self.ended = asyncio.Event()
        self.waiting: asyncio.Timeout | None = None
        """What the application waits for, which is in vain once the client has gone."""
        self._head_bytes = 0
        self._is_in_head = True
        self._head_timer: asyncio.TimerHandle | None = None
        self._requests = 0
        self._is_refused = False
        Door.open_doors += 1
        self.number = Door.open_doors
        """How many connections there were with this one."""
        _prepare(transport.get_extra_info("socket"))
        super().connection_made(self.joined)  # type: ignore[arg-type]  # which names its own kind
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        Door.open_doors -= 1
        self._end_head()
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if not self._requests and not self._head_bytes and self._refuses_method(data):
            return
        token = _door.set(self)
        try:
            super().data_received(data)
        finally:
            _door.reset(token)
        # Most heads come at once, and are over by now: for them no timer is made.
        if self._is_in_head and not self._is_refused and not self.connection.is_closing():
            self._await_head()
            self._count_head(len(data))

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes an answer here
        """The client says no more. Whether the connection stays open: until the answer is out."""
        self._end()
        return self._requests > 0

    def on_message_begin(self) -> None:
        self._is_in_head = True
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > HEAD_BYTES:  # the parser of URLs takes none that is longer
            self._refuse(refuse(self._path, UrlTooLong()))

    def on_headers_complete(self) -> None:
        if self._is_refused:
            return
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

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self.connection.close)

    def _end_head(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        self._is_in_head = False
        self._head_bytes = 0

    def _count_head(self, more: int) -> None:
        self._head_bytes += more
        if self._head_bytes > HEAD_BYTES:
            self._refuse(refuse(self._path, HeadTooLarge() if self.headers else UrlTooLong()))

    @property
    def _path(self) -> str:
        """The beginning of the path that is asked for, as far as it has come."""
        return (self.url or b"").partition(b"?")[0][:MOST_OF_A_PATH].decode("ascii", "replace")

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
        self._end_head()
        self._is_refused = True
        self.joined.end()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self.connection.close)


def _prepare(sock: socket.socket) -> None:
    """Have the kernel send at once, and end a connection whose peer takes nothing."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_SECONDS * 1000)
