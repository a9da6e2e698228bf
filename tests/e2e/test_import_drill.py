"""kill -9 in the middle of an import: it is repeated until it ends, and nothing is missing or twice."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.server import ROOT, Database
from tests.e2e.tenant import Tenant

CONVERSATIONS, SHORT, LONG, KILLS = 2_000, 8, 6_000, 5
TOTAL = CONVERSATIONS * SHORT + LONG

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Chats without ids and times, many of them alike, a long one among them."""
    path = tmp_path / "chats.jsonl"
    with path.open("w") as file:
        for number in range(CONVERSATIONS):
            texts = ["ok"] * SHORT if number % 2 else [f"{number}/{place}" for place in range(SHORT)]
            if number == CONVERSATIONS // 3:
                file.write(chat(["ok"] * LONG))
            file.write(chat(texts))
    return path


def chat(texts: list[str]) -> str:
    return json.dumps({"messages": [{"role": "user", "content": text} for text in texts]}) + "\n"


def start(store: Database, source: Path, slug: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "manage.py", "import_conversations", str(source), "--workspace", slug]
    return subprocess.Popen(
        command, cwd=ROOT, env=store.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def stored(tenant: Tenant) -> int:
    return int(
        tenant.store.value(
            f"SELECT count(*) FROM parley_message WHERE workspace_id = '{tenant.workspace_id}'"
        )
    )


def kill_after(process: "subprocess.Popen[str]", tenant: Tenant, more: int) -> None:
    """SIGKILL once so many messages were added, or the process has ended."""
    wanted = stored(tenant) + more
    deadline = time.monotonic() + 120
    while stored(tenant) < wanted and process.poll() is None:
        assert time.monotonic() < deadline, "the import does not get on"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_an_import_that_is_killed_is_continued(store: Database, tenant: Tenant, source: Path):
    slug = tenant.store.value(f"SELECT slug FROM parley_workspace WHERE id = '{tenant.workspace_id}'")
    seen = []
    for _ in range(KILLS):
        kill_after(start(store, source, slug), tenant, TOTAL // (KILLS + 2))
        seen.append(stored(tenant))
    assert 0 < seen[0] < seen[-1] < TOTAL, "no strike met an import on its way"
    for expected in (TOTAL - seen[-1], 0):
        process = start(store, source, slug)
        out, _ = process.communicate()
        assert process.returncode == 0
        assert out.startswith(f"Imported {expected:,} messages in")
    assert stored(tenant) == TOTAL
    check(tenant)


def check(tenant: Tenant) -> None:
    """Every conversation is whole, numbered without gaps, and counted."""
    of_workspace = f"workspace_id = '{tenant.workspace_id}'"
    numbered = tenant.store.rows(
        f"SELECT conversation_id, count(*), min(seq), max(seq) FROM parley_message WHERE {of_workspace}"
        " GROUP BY conversation_id"
    )
    assert sorted(count for _, count, _, _ in numbered) == [*[SHORT] * CONVERSATIONS, LONG]
    assert all((first, last) == (1, count) for _, count, first, last in numbered)
    counters = tenant.store.rows(
        f"SELECT id, message_count, last_seq FROM parley_conversation WHERE {of_workspace}"
    )
    assert {(name, count, last) for name, count, _, last in numbered} == set(counters)
