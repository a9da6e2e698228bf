"""A row of the table, and the subjects that every row has."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson

from tests.bench.client import Answer, Connection, Failed
from tests.bench.measuring import Subject
from tests.bench.scene import Scene

__all__ = ["Case", "Make", "exchange", "get"]

Make = Callable[[Scene], Subject]


@dataclass(frozen=True, kw_only=True)
class Case:
    """An operation, what it is compared with, and what it shall cost."""

    name: str
    group: str
    """What `--only` chooses by."""
    service: Make
    floor: Make | None = None
    plain: Make | None = None
    goal: float | None = None
    """Milliseconds at most; for cases of `messages`, that many a second at least."""
    times_floor: float | None = None
    """At most so many times the floor."""
    times_plain: float | None = None
    """At least so many times as fast as plain DRF."""
    page: str | None = None
    """Path of a page for people, whose SQL statements are counted."""
    messages: int = 0
    """How many one call stores, where the figure is their rate."""

    def goal_on(self, leeway: float) -> float | None:
        """The goal where everything may take `leeway` times as long."""
        if self.goal is None:
            return None
        return self.goal / leeway if self.messages else self.goal * leeway


def exchange(
    connection: Connection,
    ready: Callable[[], bytes],
    status: int,
    check: Callable[[Answer], None],
    rows: int | None = None,
) -> Subject:
    """Requests that are made anew for each call."""

    def call() -> Callable[[], Answer]:
        connection.wake()
        return partial(connection.exchange, ready())

    def checked(answer: Answer) -> None:
        check(answer.require(status))

    return Subject(call, checked, rows)


def get(connection: Connection, path: str, rows: int | None) -> Subject:
    """One GET, again and again; `rows` of them must come, None for a page that is no list."""
    request = connection.request("GET", path)

    def check(answer: Answer) -> None:
        if rows is not None and (found := len(_rows(orjson.loads(answer.body)))) != rows:
            raise Failed(f"{path}: {found} rows instead of {rows}")

    return exchange(connection, lambda: request, 200, check, rows)


def _rows(payload: Any) -> Any:
    """The rows of a page, as the service, the threads or the yardstick give them."""
    return payload if isinstance(payload, list) else payload.get("data", payload.get("results"))
