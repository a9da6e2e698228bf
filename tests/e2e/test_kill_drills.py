"""kill -9 in the middle of writes: what was acknowledged is there, and what is asked again is stored once."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.figures import report
from tests.e2e.ledger import Ledger
from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import Tenant
from tests.postgres import Postgres

WRITERS, ACKNOWLEDGED, BATCH, KILLS = 8, 10_000, 5, 8
ON_POSTGRES = bool(os.environ.get("TEST_DATABASE_URL"))

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


def drill(tenant: Tenant, strike: Callable[[], Any]) -> str:
    """Strike, evenly spread, while the writers collect their acknowledgements; returns how it went."""
    ledger = Ledger(tenant, BATCH)
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(ledger.write, number) for number in range(WRITERS)]
        try:
            for kill in range(1, KILLS + 1):
                ledger.wait_for(kill * ACKNOWLEDGED // (KILLS + 1))
                strike()
            ledger.wait_for(ACKNOWLEDGED)
        finally:
            ledger.enough.set()
        for writer in writers:
            writer.result()
    assert ledger.unanswered, "no strike met a request in flight"
    ledger.check()
    return f"{ledger.acknowledged:,} messages acknowledged: none lost, none twice; {KILLS} kills"


@pytest.fixture
def server(own_store: Database) -> Iterator[Server]:
    with serving(own_store) as running_server:
        yield running_server


def test_the_processes_of_the_server_are_killed(server: Server, tenant: Tenant):
    def strike() -> None:
        server.kill()
        server.start()

    report("`kill -9` of the service", drill(tenant, strike))


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no process of its own to kill")
def test_postgresql_is_killed(server: Server, own_postgres: Postgres, tenant: Tenant):
    def strike() -> None:
        own_postgres.kill()
        own_postgres.start()

    report("`kill -9` of PostgreSQL", drill(tenant, strike))
