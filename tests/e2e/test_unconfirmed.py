"""A commit whose standby has not confirmed it is no success, even where PostgreSQL says so."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import MESSAGES, Tenant, created
from tests.postgres import Postgres, running, standby_of

PATIENCE = 30
ENVIRONMENT = AS_STARTED | {"RUN_WORKER": "false"}

pytestmark = [
    pytest.mark.drill,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not os.environ.get("TEST_DATABASE_URL"), reason="SQLite has no standby"),
]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running(durable=True) as made:
        yield made


def synchronous(admin: "psycopg.Connection[tuple[object, ...]]", standbys: str) -> None:
    admin.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standbys}'")
    admin.execute("SELECT pg_reload_conf()")


def cancel_the_wait(admin: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Cancel the one who waits for the standby, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE
    while not admin.execute(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    ).fetchall():
        assert time.monotonic() < deadline, "nobody waits for the standby"
        time.sleep(0.05)


def test_a_cancelled_wait_is_no_success(postgres: Postgres, server: Server, tenant: Tenant):
    body = {"conversation_id": tenant.conversation(), "content": {"content": "x"}}
    key = {"Idempotency-Key": "k"}
    with (
        psycopg.connect(postgres.url, autocommit=True) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        created(tenant.client.post(MESSAGES, json=body))
        with standby_of(postgres, delay="0"):
            synchronous(admin, "*")
            created(tenant.client.post(MESSAGES, json=body))
        refused = []
        for _ in range(2):  # a repeat under the same key is no better, though the row is there
            written = pool.submit(tenant.client.post, MESSAGES, json=body, headers=key)
            cancel_the_wait(admin)
            refused.append(written.result())
        synchronous(admin, "")
    assert [answer.status_code for answer in refused] == [503, 503]
    assert all(answer.headers["Retry-After"] for answer in refused)
    created(tenant.client.post(MESSAGES, json=body, headers=key))
    report("the wait for a synchronous standby is cancelled", "503 instead of a success that may be lost")
