"""What readers of changes are told when the store moves, and while somebody forgets a transaction."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.e2e.figures import report
from tests.e2e.listener import STREAM, TIMEOUT, blocks
from tests.e2e.server import Database, Server, empty_database, serving
from tests.e2e.tenant import MESSAGES, Tenant, created, make_tenant
from tests.e2e.test_changes_drill import CHANGES
from tests.e2e.test_stream import all_behind, listening, present
from tests.e2e.test_watching import eventually, metric
from tests.postgres import Postgres, running

BODY = {"content": {"content": "x"}}
LAG = "parley_feed_lag_seconds"

pytestmark = [
    pytest.mark.drill,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not os.environ.get("TEST_DATABASE_URL"), reason="SQLite has neither"),
]


@pytest.fixture
def server(own_store: Database) -> Iterator[Server]:
    with serving(own_store) as started:
        yield started


@pytest.fixture
def moved(own_store: Database, position: str, tmp_path: Path) -> Iterator[Server]:
    """The service over a dump of the store, in another cluster, by the programs of PostgreSQL alone."""
    dump = tmp_path / "dump"
    subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", own_store.url], check=True)
    with running() as other, empty_database(tmp_path, other.url) as url:
        subprocess.run(["pg_restore", "--no-owner", f"--dbname={url}", dump], check=True)
        with serving(Database(url, own_store.folder, own_store.secret)) as started:
            yield started


@pytest.fixture
def position(tenant: Tenant) -> str:
    """One that a reader of the store keeps."""
    created(tenant.client.post(MESSAGES, json=BODY))
    return present(tenant)


def test_in_another_cluster_positions_say_nothing(position: str, tenant: Tenant, moved: Server):
    with moved.client(tenant.secret) as client:
        answer = client.get(CHANGES, params={"after": position})
        assert answer.status_code == 410
        assert told_first(client, position) == "resync"
        created(client.post(MESSAGES, json=BODY))
        page = client.get(CHANGES, params={"after": answer.json()["next_cursor"]}).json()
    assert [change["type"] for change in page["data"]] == ["conversation.created", "messages.created"]


def told_first(client: httpx.Client, position: str) -> str | None:
    """The name of the first event behind a position."""
    with client.stream("GET", STREAM, headers={"Last-Event-ID": position}, timeout=TIMEOUT) as response:
        return next(block.get("event") for block in blocks(response.iter_lines()) if "data" in block)


def test_a_transaction_that_is_forgotten_elsewhere(server: Server, own_postgres: Postgres):
    """In another database of the server: readers wait for it, the metric tells, and nothing is lost."""
    with make_tenant(server) as tenant, listening(tenant, 3, patience=100) as listeners:
        start = present(tenant)
        with psycopg.connect(own_postgres.url) as forgotten:
            forgotten.execute("SELECT pg_current_xact_id()")
            created(tenant.client.post(MESSAGES, json=BODY))
            held = eventually(lambda: (lag := metric(server, LAG)) > 2 and lag)
            assert all_behind(tenant, start) == []
            assert [listener.heard for listener in listeners] == [[]] * 3
            forgotten.rollback()
            began = time.monotonic()
            eventually(lambda: all(len(listener.heard) == 2 for listener in listeners))
            seconds = time.monotonic() - began
        assert len(all_behind(tenant, start)) == 2
        assert metric(server, LAG) == 0
    report(
        "a transaction stays open in another database of the server",
        f"a lag of {held:.0f} s is shown; readers go on {seconds:.2f} s after its end",
    )
