"""Processes share what comes, and who has waited too long for a thread is refused before any work is done."""

import errno
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

from config.overload import QueueTimingPool, Worker, refuse_late
from config.wires import overloaded

SECONDS = 0.05


class Answered:
    """What an application said, as a server hears it."""

    def __init__(self, application: Any, path: str) -> None:
        self.body = b"".join(application({"PATH_INFO": path}, self.start))

    def start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


@pytest.fixture
def pool() -> Iterator[QueueTimingPool]:
    with QueueTimingPool(max_workers=1) as made:
        yield made


@pytest.fixture
def served() -> list[str]:
    """The paths that reached the application."""
    return []


@pytest.fixture
def application(served: list[str]) -> Any:
    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        served.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return [b"served"]

    return refuse_late(answer, seconds=SECONDS, refuse=overloaded)


def ask_late(pool: QueueTimingPool, application: Any, path: str) -> Answered:
    """The answer to a request that has waited too long."""
    release = threading.Event()
    pool.submit(release.wait)
    waiting: Future[Answered] = pool.submit(Answered, application, path)
    threading.Timer(3 * SECONDS, release.set).start()
    return waiting.result(timeout=10)


def test_who_waited_too_long_is_told_when_to_come_back(pool, application, served):
    answer = ask_late(pool, application, "/api/v1/messages")
    assert answer.status == "503 Service Unavailable"
    assert json.loads(answer.body) == {"detail": "The service is overloaded"}
    assert answer.headers["Retry-After"] == "1"
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert served == []


def test_who_did_not_wait_is_served(pool, application, served):
    assert pool.submit(Answered, application, "/api/v1/messages").result(timeout=10).status == "200 OK"
    assert served == ["/api/v1/messages"]


def test_the_next_is_served_when_the_queue_is_gone(pool, application):
    ask_late(pool, application, "/api/v1/messages")
    assert pool.submit(Answered, application, "/api/v1/messages").result(timeout=10).body == b"served"


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_a_probe_is_never_refused(pool, application, path):
    assert ask_late(pool, application, path).status == "200 OK"


def test_without_our_threads_nobody_is_refused(application):
    assert Answered(application, "/").status == "200 OK"


def test_the_log_tells_how_many_without_a_line_for_each(pool, application, caplog):
    for _ in range(3):
        ask_late(pool, application, "/")
    assert [record.getMessage().partition(",")[0] for record in caplog.records] == [
        "overloaded: 1 requests refused"
    ]


def taken_by_another() -> None:
    raise BlockingIOError(errno.EAGAIN, "nothing to accept")


def taken_after(monkeypatch: pytest.MonkeyPatch, *, connections: int, processes: int = 2) -> float:
    """How long a process that answers so many connections leaves a new one to the others, in milliseconds."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    worker: Any = object.__new__(Worker)
    worker.cfg, worker.nr_conns = SimpleNamespace(workers=processes), connections + 3
    worker.keepalived_conns, worker.pending_conns = ["idle", "idle"], ["silent"]
    worker.accept(SimpleNamespace(accept=taken_by_another))
    assert worker.nr_conns == connections + 3
    return round(sum(waited) * 1000, 6)


@pytest.mark.parametrize(("connections", "milliseconds"), [(0, 0), (1, 0.1), (10, 1), (11, 0)])
def test_who_answers_a_few_leaves_the_next_to_who_answers_fewer(monkeypatch, connections, milliseconds):
    assert taken_after(monkeypatch, connections=connections) == milliseconds


def test_the_only_process_takes_it_at_once(monkeypatch):
    assert taken_after(monkeypatch, connections=4, processes=1) == 0
