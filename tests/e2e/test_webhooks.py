"""kill -9 of the worker at every step of sending to a webhook: nothing is lost, and order is kept."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.server import ROOT, Database
from tests.e2e.test_jobs import eventually, jobs_store, postgres
from tests.webhooks.conftest import messages_in
from tests.webhooks.endpoint import Endpoint, running

__all__ = ["jobs_store", "postgres"]

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]

PROGRAM = "tests.e2e.webhooks"
STEPS = [
    (name, when)
    for name, moments in {
        "claim": ("before", "after"),
        "post": ("before", "after"),
        "note_attempt": ("before", "within", "after"),
        "free_webhook": ("before", "after"),
    }.items()
    for when in moments
]
SAID = 6

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running() as serving:
        yield serving


@pytest.fixture
def start(jobs_store: Database) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", PROGRAM, "work", *arguments]
        started.append(subprocess.Popen(command, cwd=ROOT, env=jobs_store.environment()))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait(timeout=10)


def test_nothing_is_lost_and_order_is_kept(jobs_store: Database, endpoint: Endpoint, start: Start):
    conversation = jobs_store.run(PROGRAM, "make", endpoint.url)
    expected: list[str] = []
    for name, when in STEPS:
        expected += jobs_store.run(PROGRAM, "say", conversation, str(SAID)).split()
        killed = start(name, when)
        deadline = time.monotonic() + 60
        while killed.poll() is None:  # the second call may come with a later write
            assert time.monotonic() < deadline, (name, when)
            expected += jobs_store.run(PROGRAM, "say", conversation, "1").split()
        assert killed.returncode == -signal.SIGKILL, (name, when)
    start()
    start()
    eventually(lambda: set(expected) <= set(messages_in(endpoint)), lambda: str(len(messages_in(endpoint))))
    time.sleep(0.5)
    assert list(dict.fromkeys(messages_in(endpoint))) == expected
    ids = {pk: received.id for received in endpoint.received for pk in received.event["data"]["message_ids"]}
    assert len(set(ids.values())) == len({received.id for received in endpoint.received}) == len(expected)
    repeated = len(messages_in(endpoint)) - len(expected)
    assert 0 < repeated <= len(STEPS)
    print(f"{len(expected)} changes, {len(STEPS)} kills, {repeated} sent twice")
