"""Clients that each have one request under way at any time: how many are answered in a second."""

import selectors
import time
from collections.abc import Iterator, Sequence

from .client import CHUNK, Connection, Failed, split_answer

__all__ = ["rate"]

Requests = Iterator[bytes]


class _Client:
    def __init__(self, port: int, requests: Requests) -> None:
        self.connection = Connection(port, {})
        self.requests = requests
        self.received = bytearray()

    def send(self) -> None:
        self.received.clear()
        self.connection.socket.sendall(next(self.requests))

    def receive(self) -> bool:
        """Whether the answer is complete. Raises Failed where it is no success."""
        self.received += self.connection.socket.recv(CHUNK)
        answer = split_answer(self.received)
        if answer and answer.status >= 300:
            raise Failed(f"{answer.status}: {answer.body[:300]!r}")
        return answer is not None


def rate(port: int, scripts: Sequence[Requests], *, warm_up: float, seconds: float) -> float:
    """Answers a second to as many clients as there are scripts, each on a new connection.

    One process drives them all, so that they take little of the machine.
    """
    clients = [_Client(port, script) for script in scripts]
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.connection.socket, selectors.EVENT_READ, client)
            client.send()
        _answered(selector, warm_up)
        count = _answered(selector, seconds)
    for client in clients:
        client.connection.close()
    return count / seconds


def _answered(selector: selectors.BaseSelector, seconds: float) -> int:
    """How many requests are answered in this time."""
    count, end = 0, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for key, _ in selector.select(left):
            client: _Client = key.data
            if client.receive():
                count += 1
                client.send()
    return count
