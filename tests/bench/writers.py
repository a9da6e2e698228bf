"""Many clients that write at once, each as soon as its last message is answered."""

import selectors
import statistics
import time
from collections.abc import Sequence
from itertools import cycle

from .cases.writing import new_messages
from .client import CHUNK, Answer, Connection, split_answer
from .running import LEEWAY, Figure
from .servers import Gunicorn
from .stores import FilledDatabase

__all__ = ["GROUP", "run_writers"]

GROUP = "writers"
"""What `--only` chooses them by."""

WRITERS, PROCESSES = 8, 2
ROUNDS, SECONDS, WARM_UP = 5, 3.0, 1.0
GOALS = {"own conversations": 1_500, "one conversation": 700}
DIFFERENT = 50


class _Writer:
    """A client that always has a request under way."""

    def __init__(self, port: int, secret: str, conversation_id: str) -> None:
        self.connection = Connection(port, {"Authorization": f"Bearer {secret}"})
        bodies = [
            {"conversation_id": conversation_id, "content": content} for content in new_messages(DIFFERENT)
        ]
        self.requests = cycle([self.connection.request("POST", "/api/v1/messages", body) for body in bodies])
        self.received = bytearray()

    def send(self) -> None:
        self.received.clear()
        self.connection.socket.sendall(next(self.requests))

    def receive(self) -> Answer | None:
        """The answer, once it is complete. Raises Failed where it is no success."""
        self.received += self.connection.socket.recv(CHUNK)
        answer = split_answer(self.received)
        return answer.require(201) if answer else None


def run_writers(database: FilledDatabase, *, seconds: float = SECONDS) -> list[Figure]:
    """Messages a second of eight writers, each in its own conversation, then all in one."""
    fresh = database.facts.fresh[-WRITERS:]
    figures = []
    with Gunicorn(database, processes=PROCESSES) as server:
        for name, targets in (("own conversations", fresh), ("one conversation", fresh[:1] * WRITERS)):
            rates = [_rate(server, database.facts.secret, targets, seconds) for _ in range(ROUNDS)]
            goal = GOALS[name] / LEEWAY[database.vendor]
            figures.append(_figure(f"8 writers, {name}, messages/s", rates, goal))
    return figures


def _rate(server: Gunicorn, secret: str, targets: Sequence[str], seconds: float) -> float:
    """Of one round: new connections, since which process gets how many of them is chance."""
    writers = [_Writer(server.port, secret, target) for target in targets]
    with selectors.DefaultSelector() as selector:
        for writer in writers:
            selector.register(writer.connection.socket, selectors.EVENT_READ, writer)
            writer.send()
        _answered(selector, WARM_UP)
        rate = _answered(selector, seconds) / seconds
    for writer in writers:
        writer.connection.close()
    return rate


def _answered(selector: selectors.BaseSelector, seconds: float) -> int:
    """How many requests are answered in this time."""
    count, end = 0, time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for key, _ in selector.select(left):
            writer: _Writer = key.data
            if writer.receive():
                count += 1
                writer.send()
    return count


def _figure(name: str, rates: Sequence[float], goal: float) -> Figure:
    rate = statistics.median(rates)
    return Figure(name=name, unit="/s", value=rate, calls=len(rates), goal=goal, goal_holds=rate >= goal)
