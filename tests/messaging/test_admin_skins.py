"""A skin of the admin, which replaces Django's templates, opens the pages that the plain admin opens."""

import json
import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.drill

ROOT = Path(__file__).parents[2]
SKINS = ("unfold", "jazzmin", "grappelli")


@cache
def seen(skin: str) -> dict[str, Any]:
    """What such a host sees, in a process of its own: apps are installed once a process."""
    command = [sys.executable, "-m", "tests.skinned"]
    environment = os.environ | {"SKIN": skin}
    process = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert process.returncode == 0, process.stderr
    answer: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return answer


def test_the_plain_admin_fails_on_no_page():
    answers = seen("")["answers"]
    assert len(answers) > 80
    assert 500 not in {status for statuses in answers.values() for status in statuses}


@pytest.mark.parametrize("skin", SKINS)
def test_a_skin_opens_the_same_pages(skin: str):
    if find_spec(skin) is None:
        pytest.skip(f"django-{skin} is not installed")
    plain, answers = seen("")["answers"], seen(skin)["answers"]
    assert seen(skin)["wears"]
    assert {name: answers.get(name) for name in plain} == plain  # a skin may have pages of its own
