"""A database that answers nothing: requests are refused in time, and served as soon as it is back."""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e.attack import watching
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import MESSAGES, READS, WRITES, Tenant
from tests.postgres import Postgres, running

STOPPED_SECONDS, REFUSED_SECONDS, BACK_SECONDS = 8, 3.0, 1.0
ENVIRONMENT = AS_STARTED

pytestmark = [
    pytest.mark.drill,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not os.environ.get("TEST_DATABASE_URL"), reason="SQLite has no process to stop"),
]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


def tell(postgres: Postgres, number: int) -> None:
    """Send a signal to the server and to every process it began."""
    assert postgres.process
    begun = Path(f"/proc/{postgres.process.pid}/task/{postgres.process.pid}/children").read_text().split()
    for process_id in (postgres.process.pid, *map(int, begun)):
        os.kill(process_id, number)


def test_stopped_and_continued(postgres: Postgres, server: Server, tenant: Tenant):
    ids = tenant.ids_there()
    reads = [partial(tenant.client.get, path.format(**ids)) for path in READS]
    writes = [partial(tenant.client.post, path.format(**ids), json=body) for path, body in WRITES.items()]
    with httpx.Client(base_url=server.url, timeout=30) as orchestrator:
        tell(postgres, signal.SIGSTOP)
        try:
            with watching(
                lambda: orchestrator.get("/livez"),
                lambda: orchestrator.get("/readyz"),
                lambda: orchestrator.get("/metrics"),
                *reads,
                *writes,
            ) as (alive, ready, metrics, *others):
                time.sleep(STOPPED_SECONDS)
                told = orchestrator.get("/metrics").text
        finally:
            tell(postgres, signal.SIGCONT)
        back = time.monotonic()
        while {orchestrator.get("/readyz").status_code, tenant.client.get(MESSAGES).status_code} != {200}:
            assert time.monotonic() - back < BACK_SECONDS
            time.sleep(0.02)
    served = time.monotonic() - back
    assert set(alive.statuses) == set(metrics.statuses) == {200}
    assert "parley_database_up 0.0" in told
    assert max(metrics.seconds) <= REFUSED_SECONDS
    assert alive.quantile(0.99) <= 0.1
    for refused in (ready, *others):
        assert set(refused.statuses) == {503}
        assert max(refused.seconds) <= REFUSED_SECONDS
    assert all(ask().is_success for ask in (*reads, *writes))
    longest = max(max(refused.seconds) for refused in others)
    outcome = f"503 after {longest:.1f} s at most; `/livez` {alive.p99}; served {served:.2f} s after that"
    report("the database is stopped for 8 s", outcome)
