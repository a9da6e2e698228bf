"""The whole bench on a tiny dataset: every case is asked for, answered and put into the table."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.cases import CASES
from tests.bench.load import LEVELS, mixed_requests
from tests.bench.measuring import Effort
from tests.bench.open_loop import offer
from tests.bench.report import machine, table
from tests.bench.running import run_case
from tests.bench.scene import Scene, scene
from tests.bench.stores import FilledDatabase, postgres_store, sqlite_store
from tests.bench.writers import run_writers

MESSAGES = 2_000
ONCE = Effort(calls=2, least=1, seconds=1.0, warm_up=1)

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilledDatabase]:
    store = postgres_store() if os.environ.get("TEST_DATABASE_URL") else sqlite_store()
    with store as databases, databases.copy(MESSAGES) as made:
        yield made


@pytest.fixture(scope="module")
def place(filled: FilledDatabase) -> Iterator[Scene]:
    with scene(filled) as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_measured(place: Scene, case):
    figure = run_case(case, place, ONCE)
    assert (figure.calls, figure.value > 0, (figure.cpu or 0) > 0) == (2, True, True)
    assert (figure.floor is None, figure.plain is None) == (case.floor is None, case.plain is None)
    assert case.name in table([figure])


def test_the_memory_of_each_worker_is_known(place: Scene):
    serving, running_jobs = place.service.memory()  # an embedder is set, so jobs run too
    assert 20 < serving < 1_000
    assert 20 < running_jobs < 1_000


def test_writers_are_counted(filled: FilledDatabase):
    figures = run_writers(filled, seconds=0.3)
    assert [figure.value > 0 for figure in figures] == [True, True]


def test_load_is_offered_and_answered(filled: FilledDatabase, place: Scene):
    outcome = offer(place.service.port, mixed_requests(filled), per_second=20, seconds=2)
    assert outcome.offered > 10
    assert not outcome.errors
    assert outcome.served.durations
    assert max(LEVELS) > 1


def test_the_machine_is_named(filled: FilledDatabase):
    facts = machine(filled.url)
    assert facts["cpus"] == os.cpu_count()
    assert facts["database"].startswith(("SQLite 3", "PostgreSQL 1"))


def test_the_next_copy_is_made_of_the_same_rows(tmp_path: Path):
    with sqlite_store(tmp_path) as databases, databases.copy(1_000) as made:
        made.rows("DELETE FROM parley_workspace WHERE 1 = 0")
        first = made.facts
    with sqlite_store(tmp_path) as databases, databases.copy(1_000) as made:
        assert made.facts.large == first.large
        assert made.facts.secret != first.secret
    assert [path.name.startswith("bench_1000_") for path in tmp_path.glob("*.sqlite3")] == [True]
