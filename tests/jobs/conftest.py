"""Kinds of jobs of a test's own, and workers that run them."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from messaging.jobs import Worker, registry
from messaging.models import Job


@pytest.fixture(autouse=True)
def own_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the test registers."""
    monkeypatch.setattr(registry, "_kinds", {})


@pytest.fixture
def run_due(transactional_db: None) -> Callable[[], None]:
    """Runs what is due, as `run_worker --once` does."""

    def run() -> None:
        worker = Worker(idle=0.05)
        worker.run(once=True)
        assert not worker.has_failed

    return run


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Callable[..., Worker]]:
    """Starts workers, which are stopped after the test at the latest."""
    started: list[tuple[Worker, Thread]] = []

    def start(**options: float) -> Worker:
        made = Worker(idle=0.05, **options)  # type: ignore[arg-type]
        thread = Thread(target=made.run, daemon=True)
        thread.start()
        started.append((made, thread))
        return made

    yield start
    for made, thread in started:
        made.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state
