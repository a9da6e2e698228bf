"""Measures how the service bears load: mixed reads and writes below, near and beyond what it can serve."""

import argparse
import sys
from collections.abc import Iterator
from itertools import cycle
from random import Random

from tests.postgres import Unavailable

from .cases.writing import new_messages
from .client import request_bytes
from .closed_loop import rate
from .open_loop import Outcome, offer
from .options import QUICK_MESSAGES, options, store
from .report import columns, machine, number, write_json
from .servers import Service
from .stores import FilledDatabase
from .words import RARE

LEVELS = (0.5, 0.8, 1.2)
"""Of the capacity."""
TOO_MUCH = 1.3
"""Times what clients are served that wait for their answers."""
CLIENTS, PROCESSES = 16, 2
DIFFERENT = 500
HEADINGS = (
    "load",
    "offered/s",
    "served/s",
    "p50",
    "p99",
    "503/s",
    "p50 of 503",
    "errors",
)


def mixed_requests(database: FilledDatabase, seed: int = 1) -> Iterator[bytes]:
    """Half create a message, four of ten read the newest page of a conversation, one of ten searches."""
    chance, facts = Random(seed), database.facts
    headers = {"Authorization": f"Bearer {facts.secret}"}
    some = []
    for message in new_messages(DIFFERENT):
        kind, conversation_id = chance.random(), chance.choice([*facts.fresh, facts.large])
        path = f"/api/v1/messages?conversation_id={conversation_id}&limit=50"
        if kind < 0.5:
            body = {"conversation_id": conversation_id, "content": message}
            some.append(request_bytes("POST", "/api/v1/messages", headers, body))
        else:
            some.append(request_bytes("GET", path if kind < 0.9 else f"{path}&search={RARE}", headers))
    return cycle(some)


def capacity_of(port: int, database: FilledDatabase, *, seconds: float) -> float:
    """Requests a second that are served of more than can be.

    How many that is, clients find out that wait for each answer before they ask again. They themselves are
    served faster than those who come when they come: their connections are few, and always at hand.
    """
    scripts = [mixed_requests(database, seed) for seed in range(CLIENTS)]
    waiting = rate(port, scripts, warm_up=2, seconds=seconds / 2)
    outcome = offer(port, mixed_requests(database), per_second=TOO_MUCH * waiting, seconds=seconds)
    return len(outcome.served.durations) / seconds


def cells(level: float, outcome: Outcome) -> list[str]:
    served, refused = outcome.served, outcome.refused
    return [
        f"{level * 100:.0f} %",
        number(outcome.offered / outcome.seconds),
        number(len(served.durations) / outcome.seconds),
        number(served.median),
        number(served.percentile(99)),
        number(len(refused.durations) / outcome.seconds),
        number(refused.median if refused.durations else None),
        ", ".join(f"{count} {name}" for name, count in outcome.errors.items()) or "none",
    ]


def arguments() -> argparse.Namespace:
    parser = options("bench-load", __doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="in the workspace, in thousands")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each level")
    parser.add_argument("--levels", type=float, nargs="+", default=LEVELS, help="of the capacity")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    messages, seconds = (QUICK_MESSAGES, 5.0) if given.quick else (given.messages, given.seconds)
    with store(given) as databases, databases.copy(messages) as database:
        facts = machine(database.url)
        with Service(database, processes=PROCESSES) as server:
            capacity = capacity_of(server.port, database, seconds=min(seconds, 20))
            print(f"  capacity: {capacity:.0f} requests a second", file=sys.stderr, flush=True)
            outcomes = {}
            for level in given.levels:
                requests = mixed_requests(database)
                outcomes[level] = offer(server.port, requests, per_second=level * capacity, seconds=seconds)
                print(f"  {cells(level, outcomes[level])}", file=sys.stderr, flush=True)
            memory = server.memory()
    print(*facts.values(), f"{PROCESSES} processes, capacity {capacity:.0f} requests a second", sep=", ")
    print(columns(HEADINGS, [cells(level, outcome) for level, outcome in outcomes.items()]))
    print("memory of the server, MiB:", *(f"{value:.0f}" for value in memory))
    rows = [dict(zip(HEADINGS, cells(*level), strict=True)) for level in outcomes.items()]
    write_json(given.json, rows, machine=facts, capacity=capacity, memory=memory)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unavailable as reason:
        sys.exit(f"*** NOT RUN: {reason}")
