"""Many clients that write at once, each as soon as its last message is answered."""

import statistics
from collections.abc import Iterator, Sequence
from itertools import cycle

from .cases.writing import new_messages
from .client import request_bytes
from .closed_loop import rate
from .running import LEEWAY, Figure
from .servers import Gunicorn
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
    with Gunicorn(database, processes=PROCESSES) as server:
        return [_figure(name, server, database, chosen, seconds) for name, chosen in targets.items()]


def _figure(
    name: str, server: Gunicorn, database: FilledDatabase, targets: Sequence[str], seconds: float
) -> Figure:
    # Rounds with new connections, since which process gets how many of them is chance.
    rates = [
        rate(
            server.port,
            [_messages(database.facts.secret, target) for target in targets],
            warm_up=WARM_UP,
            seconds=seconds,
        )
        for _ in range(ROUNDS)
    ]
    goal, middle = GOALS[name] / LEEWAY[database.vendor], statistics.median(rates)
    return Figure(
        name=f"8 writers, {name}, messages/s",
        unit="/s",
        value=middle,
        calls=ROUNDS,
        goal=goal,
        goal_holds=middle >= goal,
    )


def _messages(secret: str, conversation_id: str) -> Iterator[bytes]:
    """Requests that append one message each."""
    headers = {"Authorization": f"Bearer {secret}"}
    bodies = [{"conversation_id": conversation_id, "content": content} for content in new_messages(DIFFERENT)]
    return cycle([request_bytes("POST", "/api/v1/messages", headers, body) for body in bodies])
