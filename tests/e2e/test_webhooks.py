"""kill -9 of the worker at every step of sending to a webhook: nothing is lost, and order is kept."""

import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.figures import report
from tests.e2e.server import Database, Start
from tests.e2e.test_jobs import eventually
from tests.webhooks.conftest import messages_in
from tests.webhooks.endpoint import Endpoint, running

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


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running() as serving:
        yield serving


def test_nothing_is_lost_and_order_is_kept(own_store: Database, endpoint: Endpoint, start: Start):
    conversation = own_store.run(PROGRAM, "make", endpoint.url)
    expected: list[str] = []
    for name, when in STEPS:
        expected += own_store.run(PROGRAM, "say", conversation, str(SAID)).split()
        killed = start(PROGRAM, "work", name, when)
        deadline = time.monotonic() + 60
        while killed.poll() is None:  # the second call may come with a later write
            assert time.monotonic() < deadline, (name, when)
            expected += own_store.run(PROGRAM, "say", conversation, "1").split()
        assert killed.returncode == -signal.SIGKILL, (name, when)
    start(PROGRAM, "work")
    start(PROGRAM, "work")
    eventually(lambda: set(expected) <= set(messages_in(endpoint)), lambda: str(len(messages_in(endpoint))))
    time.sleep(0.5)
    assert list(dict.fromkeys(messages_in(endpoint))) == expected
    ids = {pk: received.id for received in endpoint.received for pk in received.event["data"]["message_ids"]}
    assert len(set(ids.values())) == len({received.id for received in endpoint.received}) == len(expected)
    repeated = len(messages_in(endpoint)) - len(expected)
    assert 0 < repeated <= len(STEPS)
    outcome = f"{len(expected)} messages in order, none lost; {len(STEPS)} kills, {repeated} sent again"
    report("`kill -9` of a worker at every step of sending to a webhook", outcome)
