"""Clients that are slow on purpose, and watchers that measure what everybody else notices of them."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx

from tests.e2e.server import Server

__all__ = ["Watcher", "connected", "dripping", "watching"]


def connected(server: Server, *, receive_buffer: int | None = None) -> socket.socket:
    """A connection on which nothing was sent yet; a small buffer makes a reader slow."""
    address = urlsplit(server.url)
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(30)
    connection.connect((address.hostname, address.port))
    return connection


@contextlib.contextmanager
def dripping(connections: list[socket.socket], byte: bytes) -> Iterator[None]:
    """Within, a byte a second is sent on each of them, as long as the server listens."""
    done = threading.Event()

    def drip() -> None:
        while not done.wait(1):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(byte, socket.MSG_DONTWAIT)

    dripper = threading.Thread(target=drip)
    dripper.start()
    try:
        yield
    finally:
        done.set()
        dripper.join()
        for connection in connections:
            connection.close()


class Watcher:
    """Asks the same again and again, and keeps status and duration of each answer."""

    def __init__(self, ask: Callable[[], httpx.Response], pause: float) -> None:
        self._ask, self._pause = ask, pause
        self.statuses: list[int] = []
        self.seconds: list[float] = []

    def watch(self, done: threading.Event) -> None:
        while not done.wait(self._pause):
            began = time.monotonic()
            self.statuses.append(self._ask().status_code)
            self.seconds.append(time.monotonic() - began)

    def quantile(self, share: float) -> float:
        """In seconds."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]

    @property
    def p99(self) -> str:
        return f"p99 {self.quantile(0.99) * 1000:.0f} ms"

    def __repr__(self) -> str:
        figures = ", ".join(f"{self.quantile(share) * 1000:.0f}" for share in (0.5, 0.99, 1))
        return f"{len(self.seconds)} answers, p50, p99 and longest {figures} ms"


@contextlib.contextmanager
def watching(*asks: Callable[[], httpx.Response], pause: float = 0.02) -> Iterator[list[Watcher]]:
    """Within, each of them is asked on a thread of its own, with a pause after each answer."""
    done = threading.Event()
    watchers = [Watcher(ask, pause) for ask in asks]
    threads = [threading.Thread(target=watcher.watch, args=[done]) for watcher in watchers]
    for thread in threads:
        thread.start()
    try:
        yield watchers
    finally:
        done.set()
        for thread in threads:
            thread.join()
