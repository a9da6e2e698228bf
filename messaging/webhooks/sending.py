"""One POST to an endpoint, by the standard library: to an address that was checked, within a total time.

No redirect is followed and no proxy of the environment is asked: either would lead to an address that nobody
has checked.
"""

import io
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from django.utils import timezone

from messaging import __version__
from messaging.values.addresses import AddressRefused, Target, addresses_of, target_of

MOST_OF_ANSWER = 2_000
"""Bytes of an answer that are read."""
LONGEST_ERROR = 255
USER_AGENT = f"Parley/{__version__}"


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
        with _Exchange(target, addresses_of(target), began + seconds) as exchange:
            response = exchange.post(target, body, headers)
            status, answer = response.status, _head(response)
            retry_after = _retry_after(response.headers.get("Retry-After"))
            error = "" if 200 <= status < 300 else f"The endpoint answered {status}"
    except (AddressRefused, OSError, HTTPException, UnicodeError) as raised:
        error = _text_of(raised)
    return Reply(
        status=status,
        answer=answer,
        error=error,
        retry_after=retry_after,
        milliseconds=round((time.monotonic() - began) * 1_000),
    )


class _Exchange(HTTPConnection):
    """A connection to one of these addresses, which is over at the deadline whatever the other side does."""

    def __init__(self, target: Target, addresses: list[str], deadline: float) -> None:
        super().__init__(target.host, target.port)
        self.target, self.addresses, self.deadline = target, addresses, deadline
        self.opened: list[socket.socket] = []

    def __enter__(self) -> "_Exchange":
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

    def readinto(self, buffer: Any) -> int:
        return self.source.timed().recv_into(buffer)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


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
