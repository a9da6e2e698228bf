"""One exchange of HTTP with another server, by the standard library: to given addresses, within a total time.

No redirect is followed and no proxy of the environment is asked: either would lead to an address that nobody
has chosen.
"""

import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from typing import TYPE_CHECKING, Any

from messaging import __version__

from .addresses import Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["Exchange"]

USER_AGENT = f"Parley/{__version__}"


class Exchange(HTTPConnection):
    """A connection to one of these addresses, which is over at the deadline whatever the other side does."""

    def __init__(self, target: Target, addresses: list[str], deadline: float) -> None:
        super().__init__(target.host, target.port)
        self.target, self.addresses, self.deadline = target, addresses, deadline
        self.opened: list[socket.socket] = []

    def __enter__(self) -> "Exchange":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
        for opened in self.opened:
            opened.close()

    def post(self, target: Target, body: bytes, headers: Mapping[str, str]) -> HTTPResponse:
        """Send the request and read the head of the answer."""
        own = {"Host": target.authority, "User-Agent": USER_AGENT, "Connection": "close"}
        self.request("POST", target.path, body, {**own, **headers})
        return self.getresponse()

    def connect(self) -> None:
        """Connect to the first address that answers, never to the name."""
        plain = self._connected()
        self.opened.append(plain)
        plain.settimeout(_left(self.deadline))
        used = self._secured(plain) if self.target.is_secure else plain
        self.opened.append(used)
        self.sock: Any = _TimedSocket(used, self.deadline)

    def _connected(self) -> socket.socket:
        for address in self.addresses[:-1]:
            with suppress(OSError):
                return socket.create_connection((address, self.target.port), _left(self.deadline))
        return socket.create_connection((self.addresses[-1], self.target.port), _left(self.deadline))

    def _secured(self, plain: socket.socket) -> socket.socket:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.target.host)


class _TimedSocket:
    """A socket each of whose operations has the time that is left until the deadline."""

    def __init__(self, wrapped: socket.socket, deadline: float) -> None:
        self.wrapped, self.deadline = wrapped, deadline

    def timed(self) -> socket.socket:
        """The socket, with the time that is left. Raises TimeoutError when there is none."""
        self.wrapped.settimeout(_left(self.deadline))
        return self.wrapped

    def sendall(self, content: bytes) -> None:
        self.timed().sendall(content)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Nothing yet: `http.client` gives the connection up before the body of an answer is read."""


class _Reader(io.RawIOBase):
    """What is received by a timed socket."""

    def __init__(self, source: _TimedSocket) -> None:
        self.source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        return self.source.timed().recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
