"""Workers as processes: killed, stopped, side by side, and without their database for a while."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.server import Database, Server, Start
from tests.postgres import Postgres

ON_POSTGRES = bool(os.environ.get("TEST_DATABASE_URL"))
PATIENCE = 60
PROGRAM = "tests.e2e.jobs"


class Notes:
    """What jobs wrote down: (what, name, process)."""

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def lines(self) -> list[tuple[str, str, int]]:
        text = self.file.read_text() if self.file.exists() else ""
        return [(what, name, int(pid)) for what, name, pid in map(str.split, text.splitlines())]

    def of(self, what: str) -> list[str]:
        return [name for noted, name, _ in self.lines if noted == what]

    def wait_for(self, what: str, name: str, times: int = 1) -> None:
        eventually(lambda: self.of(what).count(name) >= times, lambda: str(self.lines))

    def enough(self) -> None:
        """Have long jobs end."""
        self.file.with_suffix(".enough").touch()


def eventually(condition: Callable[[], object], seen: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, seen()
        time.sleep(0.05)


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path / "notes")


@pytest.fixture
def start(start: Start, notes: Notes) -> Start:
    """Starts a worker."""
    return partial(start, PROGRAM, str(notes.file))


def states(store: Database) -> list[tuple[str, int]]:
    return store.rows("SELECT state, attempts FROM parley_job ORDER BY id")


def test_the_service_runs_jobs(server: Server):
    """With nothing but `manage.py serve`: the schedule is there, and what is due gets done."""
    done = "SELECT COUNT(*) FROM parley_job WHERE kind = 'end_stale_runs' AND finished_at IS NOT NULL"
    eventually(lambda: server.database.value(done), server.log)


@pytest.mark.drill
def test_the_job_of_a_worker_that_is_killed_is_taken_over(own_store: Database, notes: Notes, start: Start):
    own_store.run(PROGRAM, str(notes.file), "long")
    killed = start()
    notes.wait_for("begin", "long")
    killed.kill()
    killed.wait(timeout=10)
    heir = start()
    notes.wait_for("begin", "long", times=2)
    notes.enough()
    notes.wait_for("end", "long")
    assert [pid for what, _, pid in notes.lines if what == "end"] == [heir.pid]
    eventually(lambda: states(own_store) == [("done", 0)], lambda: str(states(own_store)))


@pytest.mark.drill
def test_a_worker_that_was_stopped_too_long_ends_nothing(own_store: Database, notes: Notes, start: Start):
    """SIGSTOP for longer than its lease: it wakes with a job in its hands that is another's by then."""
    own_store.run(PROGRAM, str(notes.file), "long")
    sleeper = start()
    notes.wait_for("begin", "long")
    sleeper.send_signal(signal.SIGSTOP)
    start()
    notes.wait_for("begin", "long", times=2)
    sleeper.send_signal(signal.SIGCONT)
    notes.wait_for("stop", "long")
    assert [pid for what, _, pid in notes.lines if what == "stop"] == [sleeper.pid]
    assert states(own_store) == [("running", 2)]
    notes.enough()
    eventually(lambda: states(own_store) == [("done", 0)], lambda: str(states(own_store)))


@pytest.mark.drill
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_stops_within_seconds_and_hands_its_job_on(
    own_store: Database, notes: Notes, start: Start, number: signal.Signals
):
    own_store.run(PROGRAM, str(notes.file), "long")
    stopped = start()
    notes.wait_for("begin", "long")
    stopped.send_signal(number)
    assert stopped.wait(timeout=5) == 0
    assert states(own_store) == [("queued", 0)]


@pytest.mark.drill
def test_of_several_processes_one_runs_each_job(own_store: Database, notes: Notes, start: Start):
    names = [str(number) for number in range(40)]
    for _ in range(3):
        start()
    own_store.run(PROGRAM, str(notes.file), *names)
    eventually(lambda: len(notes.of("end")) >= len(names), lambda: str(notes.lines))
    assert Counter(notes.of("begin")) == Counter(notes.of("end")) == Counter(names)
    assert len({pid for _, _, pid in notes.lines}) > 1
    eventually(lambda: set(states(own_store)) == {("done", 0)}, lambda: str(states(own_store)))


@pytest.mark.drill
@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no process of its own to kill")
def test_a_worker_outlives_its_database(
    own_store: Database, own_postgres: Postgres, notes: Notes, start: Start
):
    worker = start()
    own_store.run(PROGRAM, str(notes.file), "before")
    notes.wait_for("end", "before")
    own_postgres.kill()
    time.sleep(3)
    own_postgres.start()
    own_store.run(PROGRAM, str(notes.file), "after")
    notes.wait_for("end", "after")
    assert worker.poll() is None
