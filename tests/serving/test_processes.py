"""Processes that fail at their start: ever later ones, and an end that a supervisor sees."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.serving.processes import GAVE_UP, LONGEST_PAUSE, MOST_FAILURES, START_SECONDS, _Slot

PROGRAM = """
import logging, socket, sys, time
from config.serving import processes

processes.FIRST_PAUSE = 0.01
logging.basicConfig(format="%(message)s")

def well(listener, beat):
    while beat():
        time.sleep(0.05)

def broken(listener, beat):
    raise RuntimeError("no such thing")

works = {"well": well, "broken": broken}
listener = socket.create_server(("127.0.0.1", 0))
sys.exit(processes.Processes(listener, [works[name] for name in sys.argv[1:]]).run())
"""


def test_a_service_that_cannot_start_gives_up():
    """Also where another of its processes is well: what was deployed does not work."""
    command = [sys.executable, "-c", PROGRAM, "well", "broken"]
    root = Path(__file__).parents[2]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == GAVE_UP
    assert ended.stderr.count("RuntimeError: no such thing") == MOST_FAILURES
    assert "The service gives up" in ended.stderr.splitlines()[-1]


@pytest.fixture
def slot() -> _Slot:
    return _Slot(0, lambda listener, beat: None, started=time.monotonic())


def test_each_failure_at_the_start_puts_the_next_off(slot: _Slot):
    pauses = []
    for _ in range(8):
        slot.started = time.monotonic()
        pauses.append(slot.ended())
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert slot.is_hopeless


def test_one_that_was_well_is_replaced_at_once_and_never_given_up(slot: _Slot):
    slot.started = time.monotonic() - START_SECONDS
    assert slot.ended() == 0
    for _ in range(MOST_FAILURES):
        slot.started = time.monotonic()
        assert slot.ended() > 0
    assert not slot.is_hopeless
