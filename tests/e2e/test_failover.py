"""Three servers, the leader killed again and again: what was acknowledged is there, and once."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.cluster import TTL, Cluster, clustered
from tests.e2e.figures import report
from tests.e2e.ledger import Ledger
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import Tenant
from tests.postgres import Unavailable

WRITERS, ACKNOWLEDGED, BATCH, KILLS = 6, 50_000, 50, 2
MOST_SECONDS = TTL + 25
"""Without a leader: until its lead has run out, another one is chosen, and connections are made anew."""
ENVIRONMENT = AS_STARTED

pytestmark = [
    pytest.mark.drill,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not os.environ.get("TEST_DATABASE_URL"), reason="SQLite has one server"),
]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    try:
        with clustered() as made:
            yield made
    except Unavailable as reason:
        pytest.skip(str(reason))


def test_nothing_acknowledged_is_lost_when_the_leader_is_killed(postgres: Cluster, tenant: Tenant):
    ledger = Ledger(tenant, BATCH)
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(ledger.write, number) for number in range(WRITERS)]
        try:
            for kill in range(1, KILLS + 1):
                ledger.wait_for(kill * ACKNOWLEDGED // (KILLS + 1))
                change_leaders(postgres)
            ledger.wait_for(ACKNOWLEDGED)
        finally:
            ledger.enough.set()
        for writer in writers:
            writer.result()
    assert ledger.unanswered, "no strike met a request in flight"
    ledger.check()
    longest = sorted(ledger.gaps)[-KILLS:]
    assert max(longest) <= MOST_SECONDS
    silent = " and ".join(f"{seconds:.0f} s" for seconds in longest)
    outcome = f"{ledger.acknowledged:,} messages acknowledged: none lost, none twice; no writes for {silent}"
    report("`kill -9` of the leader of three servers, twice", outcome)


def change_leaders(cluster: Cluster) -> None:
    """Kill the leader; once another one leads, start the former one again and wait for it."""
    former = cluster.leader()
    assert former
    former.kill()
    began = time.monotonic()
    cluster.wait_for_another_leader(former)
    print(f"{former.name} was replaced after {time.monotonic() - began:.1f} s")
    former.start()
    cluster.wait_until_whole()


def test_the_service_is_ready_afterwards(server: Server, tmp_path: Path):
    with server.client(server.database.secret) as client:
        assert client.get("/readyz").status_code == 200
