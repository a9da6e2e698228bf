"""kill -9 of the worker at every step of drawing memories: none is lost, and none comes twice."""

import signal
import time
from collections.abc import Callable

import pytest

from tests.e2e.figures import report
from tests.e2e.server import Database, Start
from tests.e2e.test_jobs import eventually

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]

PROGRAM = "tests.e2e.memories"
STEPS = [
    (name, when)
    for name, moments in {
        "following.want_memories": ("before", "after"),
        "working.next_batch": ("before", "after"),
        "working.draw_from_sources": ("before", "within", "after"),
        "working.end_drawing": ("before", "after"),
    }.items()
    for when in moments
]
AT_ONCE = 5
MANY = 100


def test_none_is_lost_and_none_comes_twice(own_store: Database, start: Start):
    conversations = own_store.run(PROGRAM, "make").split()
    said = 0

    def say(number: int) -> None:
        nonlocal said
        own_store.run(PROGRAM, "say", conversations[said % 2], str(said), str(number))
        said += number

    for name, when in STEPS:
        say(AT_ONCE)
        killed = start(PROGRAM, "work", name, when)
        deadline = time.monotonic() + 240
        while killed.poll() is None:  # the second call may come with a later write
            assert time.monotonic() < deadline, (name, when)
            say(1)
        assert killed.returncode == -signal.SIGKILL, (name, when)
    start(PROGRAM, "work")
    start(PROGRAM, "work")
    expected = sorted(f"My locker {fact} is green" for fact in range(said))
    known: Callable[[], list[str]] = lambda: own_store.run(PROGRAM, "known").splitlines()  # noqa: E731
    eventually(lambda: len(known()) >= said, lambda: f"{len(known())} of {said}")
    time.sleep(1)
    assert sorted(known()) == expected
    outcome = f"{said} facts, each drawn once, none lost; {len(STEPS)} kills"
    report("`kill -9` of a worker at every step of drawing memories", outcome)


def test_two_workers_draw_for_one_user_at_once(own_store: Database, start: Start):
    """Two conversations say the same: each fact is one memory, whoever comes first, and rests on both."""
    conversations = own_store.run(PROGRAM, "make").split()
    for conversation in conversations:
        own_store.run(PROGRAM, "say", conversation, "0", str(MANY))
    start(PROGRAM, "work")
    start(PROGRAM, "work")
    count = "SELECT COUNT(*) FROM parley_memorysource"
    sources: Callable[[], int] = lambda: int(own_store.rows(count)[0][0])  # noqa: E731
    eventually(lambda: sources() >= 2 * MANY, lambda: f"{sources()} sources of {2 * MANY}")
    time.sleep(1)
    known = own_store.run(PROGRAM, "known").splitlines()
    assert sorted(known) == sorted(f"My locker {fact} is green" for fact in range(MANY))
    assert sources() == 2 * MANY
