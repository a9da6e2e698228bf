"""A backup while everybody writes: nobody waits, and what is restored is one moment of all of it."""

import hashlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.figures import report
from tests.e2e.server import Database, Server, database, empty_database, serving
from tests.e2e.tenant import MESSAGES, Tenant, at_once, created, page

WRITERS, ROUNDS, SETTLED, KILLS = 6, 3, 400, 6
LARGE = 40_000
"""Characters of an output that leaves its row for a file."""
LIMIT = 1.0
"""In seconds: of every write while the backup is made, on a machine that does both."""
# What begins anew with a restore, and what a service writes by itself.
ANEW = ("parley_change", "parley_change_epoch", "parley_job", "parley_workspace_total", "sqlite_sequence")
TOTALS = """
SELECT workspace_id, SUM(conversations), SUM(messages) FROM parley_workspace_total
GROUP BY workspace_id ORDER BY workspace_id"""
ENVIRONMENT = {"RUN_WORKER": "false"}

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]
POSTGRES = os.environ.get("TEST_DATABASE_URL") or None


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database(tmp_path_factory.mktemp("original"), POSTGRES) as made:
        yield made


@pytest.fixture
def elsewhere(store: Database, tmp_path: Path) -> Iterator[Database]:
    """An empty database, which takes the keys of the original with a restore."""
    with empty_database(tmp_path, POSTGRES) as url:
        yield Database(url, tmp_path, store.secret)


class Writers:
    """Messages, and outputs that become files, until it is enough."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.enough = tenant, threading.Event()
        self.written: list[str] = []
        self.seconds: list[float] = []

    def write(self, writer: int) -> None:
        conversation = self.tenant.conversation()
        run, number = self.tenant.run(), 0
        while not self.enough.is_set():
            body = {"conversation_id": conversation, "content": [{"content": f"{writer}/{number}"}] * 5}
            began = time.monotonic()
            rows = created(self.tenant.client.post(MESSAGES, json=body))
            self.seconds.append(time.monotonic() - began)
            self.written += [row["id"] for row in rows]
            if number % 5 == 0:
                written = self.tenant.write_output(run, f"{writer}/{number}/" + "x" * LARGE)
                assert written.status_code == 200, written.text
            number += 1
            time.sleep(0.02)


def succeeded(store: Database, *arguments: str) -> str:
    process = store.manage(*arguments)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def tables(store: Database) -> list[str]:
    sql = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        if POSTGRES
        else "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %'"
    )
    return sorted(name for [name] in store.rows(sql) if name not in ANEW)


def rows(store: Database, table: str) -> set[str]:
    return {repr(row) for row in store.rows(f'SELECT * FROM "{table}"')}


def digests(store: Database) -> dict[str, str]:
    """Of the file of every object that the database names."""
    found = store.rows("SELECT path FROM parley_storedobject")
    files = {path: store.folder / "objects" / path for [path] in found}
    return {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in files.items()}


def test_a_backup_under_load(
    server: Server, store: Database, tenant: Tenant, elsewhere: Database, tmp_path: Path
):
    writers = Writers(tenant)
    target = tmp_path / "backup"
    settled: set[str] = set()

    def work(number: int) -> float:
        if number < WRITERS:
            writers.write(number)
            return 0
        try:
            while len(writers.written) < SETTLED:
                time.sleep(0.05)
            before, writers.seconds = set(writers.written), []
            began = time.monotonic()
            succeeded(store, "backup", str(target))
            seconds = time.monotonic() - began
            settled.update(before)
            return seconds
        finally:
            writers.enough.set()

    seconds = at_once(WRITERS + 1, work)[-1]
    later = len(writers.written) - len(settled)
    assert later > 0, "nobody wrote while the backup was made"
    assert max(writers.seconds) <= LIMIT
    succeeded(elsewhere, "restore", str(target))
    restored = {pk for [pk] in elsewhere.rows("SELECT id FROM parley_message")}
    assert settled <= restored
    for table in ("parley_message", "parley_storedobject", "parley_part"):
        assert rows(elsewhere, table) <= rows(store, table), table
    originals = digests(store)
    copies = digests(elsewhere)
    assert copies
    assert copies == {path: originals[path] for path in copies}
    for count, last, stored in elsewhere.rows(NUMBERS):
        assert count == last == stored
    report(
        "backup under load, then restore",
        f"{len(restored):,} messages and {len(copies):,} objects in {seconds:.1f} s, all of one moment; "
        f"{later:,} written meanwhile, the slowest in {max(writers.seconds) * 1000:.0f} ms",
    )


NUMBERS = """
SELECT message_count, last_seq, (SELECT COUNT(*) FROM parley_message m WHERE m.conversation_id = c.id)
FROM parley_conversation c"""


def test_every_row_and_object_is_restored(
    store: Database, tenant: Tenant, elsewhere: Database, tmp_path: Path
):
    writers = Writers(tenant)
    threading.Timer(2, writers.enough.set).start()
    at_once(WRITERS, writers.write)
    succeeded(store, "backup", str(tmp_path / "backup"))
    succeeded(elsewhere, "restore", str(tmp_path / "backup"))
    assert tables(elsewhere) == tables(store)
    for table in tables(store):
        assert rows(elsewhere, table) == rows(store, table), table
    assert elsewhere.rows(TOTALS) == store.rows(TOTALS)
    assert digests(elsewhere) == digests(store)
    with serving(elsewhere) as again, again.client(tenant.secret) as client:
        assert {row["id"] for row in page(client, limit=1000)["data"]} >= set(writers.written[-5:])
        created(client.post(MESSAGES, json={"content": {"content": "the store goes on"}}))


def test_a_killed_backup_is_recognised_and_harms_no_other(store: Database, tenant: Tenant, tmp_path: Path):
    good, target = tmp_path / "good", tmp_path / "next"
    partial, left = tmp_path / "next.partial", 0
    succeeded(store, "backup", str(good))
    for kill in range(KILLS):
        process = store.manage("backup", str(target))
        while not partial.exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(0.02 * kill)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        left += partial.exists()
        refused = store.manage("restore", str(partial), "--check")
        refused.communicate()
        assert refused.returncode == 2
        if target.exists():  # it was faster
            shutil.rmtree(target)
    assert left, "no strike met a backup on its way"
    succeeded(store, "backup", str(target))
    assert {path.name for path in tmp_path.iterdir()} == {"good", "next"}
    for folder in (good, target):
        assert succeeded(store, "restore", str(folder), "--check").startswith("Whole")
