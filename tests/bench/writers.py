"""Many clients that write at once, each as soon as its last message is answered."""

import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import cycle

from .cases.writing import new_messages
from .client import request_bytes
from .closed_loop import rate
from .floors import floor_of
from .running import LEEWAY, Figure
from .servers import Service
from .stores import FilledDatabase

__all__ = ["GROUP", "run_writers"]

GROUP = "writers"
"""What `--only` chooses them by."""
WRITERS, PROCESSES = 8, 2
ROUNDS, WARM_UP = 5, 1.0
GOALS = {"own conversations": 1_500, "one conversation": 700}
DIFFERENT = 50


def run_writers(database: FilledDatabase, *, seconds: float) -> list[Figure]:
    """Messages a second of eight writers, each in its own conversation, then all in one."""
    fresh = database.facts.fresh[-WRITERS:]
    targets = {"own conversations": fresh, "one conversation": fresh[:1] * WRITERS}
    floor = _floor(database, seconds)
    with Service(database, processes=PROCESSES) as server:
        rates = {
            name: _rate(server, database.facts.secret, chosen, seconds) for name, chosen in targets.items()
        }
    leeway = LEEWAY[database.vendor]
    return [_figure(name, rate, GOALS[name] / leeway, floor) for name, rate in rates.items()]


def _rate(server: Service, secret: str, targets: Sequence[str], seconds: float) -> float:
    """The median of several rounds with new connections: which process gets how many of them is chance."""
    rounds = [
        rate(
            server.port,
            [_messages(secret, target) for target in targets],
            warm_up=WARM_UP,
            seconds=seconds,
        )
        for _ in range(ROUNDS)
    ]
    return statistics.median(rounds)


def _figure(name: str, rate: float, goal: float, floor: float) -> Figure:
    return Figure(
        name=f"8 writers, {name}, messages/s",
        unit="/s",
        value=rate,
        calls=ROUNDS,
        floor=floor,
        times_floor=floor / rate,
        goal=goal,
        goal_holds=rate >= goal,
    )


def _messages(secret: str, conversation_id: str) -> Iterator[bytes]:
    """Requests that append one message each."""
    headers = {"Authorization": f"Bearer {secret}"}
    bodies = [{"conversation_id": conversation_id, "content": content} for content in new_messages(DIFFERENT)]
    return cycle([request_bytes("POST", "/api/v1/messages", headers, body) for body in bodies])


def _floor(database: FilledDatabase, seconds: float) -> float:
    """Messages a second of as many bare drivers, each with a connection and a conversation of its own."""
    end = time.monotonic() + seconds

    def write(conversation_id: str) -> int:
        with closing(floor_of(database.url, {"large": database.facts.large})) as floor:
            sql = floor.insert_sql(1)
            while time.monotonic() < end:
                floor.insert(sql, floor.new_rows(conversation_id, 1))
            return floor.written

    with ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(write, database.facts.fresh[-WRITERS:])) / seconds
