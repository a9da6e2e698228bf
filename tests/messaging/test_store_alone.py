"""A host that leaves `threads` out still has runs, parts and objects in its admin and its exports."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@cache
def seen() -> dict[str, Any]:
    """What such a host sees, in a process of its own: apps are installed once a process."""
    command = [sys.executable, "-m", "tests.storealone"]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert process.returncode == 0, process.stderr
    answer: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return answer


def test_the_store_does_not_load_the_threads():
    assert seen()["threads"] is False


def test_the_admin_shows_runs_parts_and_objects():
    pages = seen()["pages"]
    assert {name: status for name, status in pages.items() if status not in (200, True)} == {}


def test_they_leave_with_an_export_and_come_back_with_an_import():
    assert (seen()["before"], seen()["deleted"]) == ([4, 1, 2, 1], [2, 0, 0, 0])
    assert (seen()["after"], seen()["rejections"]) == ([4, 1, 2, 1], 0)
