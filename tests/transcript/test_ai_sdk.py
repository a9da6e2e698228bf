"""UIMessages are judged by the AI SDK itself: it takes what we write, and makes messages of a model of it.

`make generators` installs the package `ai`; where it cannot be had the tests are skipped and say so.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from messaging.transcript.formats import OpenAI
from messaging.transcript.pieces import Turn
from tests.cast import Tenant

from .histories import HISTORIES, held
from .test_round_trips import FILE, ROOT, conversations, transcribed

MODULES = ROOT / ".tools/generators/node_modules"
PROGRAM = Path(__file__).with_name("judge.mjs")
pytestmark = [
    pytest.mark.drill,
    pytest.mark.skipif(not (MODULES / "ai").exists(), reason="no package `ai` here: run `make generators`"),
]
UIMessages = list[dict[str, Any]]


def judged(folder: Path, transcripts: list[UIMessages]) -> dict[str, Any]:
    """How many of the transcripts the SDK takes, and what it says of the others."""
    (folder / "node_modules").symlink_to(MODULES)
    (folder / "judge.mjs").write_bytes(PROGRAM.read_bytes())
    (folder / "transcripts.json").write_text(json.dumps(transcripts))
    finished = subprocess.run(
        ["node", "judge.mjs"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    verdict: dict[str, Any] = json.loads(finished.stdout)
    return verdict


def test_it_refuses_what_is_none(tmp_path: Path):
    """The judge can say no."""
    verdict = judged(tmp_path, [[{"id": "a", "role": "user", "parts": [{"type": "text"}]}]])
    assert (verdict["taken"], len(verdict["refused"])) == (0, 1)


def test_it_takes_generated_histories(tmp_path: Path, acme: Tenant):
    written: list[UIMessages] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(turns=HISTORIES)
    def write(turns: list[Turn]) -> None:
        if messages := transcribed(held(acme, *turns), "ui")["messages"]:
            written.append(messages)

    write()
    assert judged(tmp_path, written) == {"taken": len(written), "refused": []}


@pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE.name}: set PARLEY_TEST_DATA to its folder")
def test_it_takes_real_conversations(tmp_path: Path, acme: Tenant):
    rows = [held(acme, *OpenAI().read({"messages": messages})) for messages in conversations()]
    written = [transcribed(row, "ui")["messages"] for row in rows]
    assert judged(tmp_path, written) == {"taken": 200, "refused": []}
