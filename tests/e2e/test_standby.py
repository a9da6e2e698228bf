"""Behind a router that reads from a real standby, which applies every commit 700 ms late."""

import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.server import Database, Server
from tests.e2e.tenant import MESSAGES, Tenant, created, page
from tests.postgres import Postgres, running, standby_of

LAG = 0.7
PATIENCE = 60

pytestmark = [
    pytest.mark.drill,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not os.environ.get("TEST_DATABASE_URL"), reason="SQLite has no standby"),
]


@pytest.fixture(scope="module")
def standby() -> Iterator[tuple[Postgres, Postgres]]:
    """A primary and its standby."""
    with running(durable=True) as primary, standby_of(primary, delay=f"{LAG * 1000:.0f}ms") as replica:
        yield primary, replica


@pytest.fixture(scope="module")
def postgres(standby: tuple[Postgres, Postgres]) -> Postgres:
    return standby[0]


@pytest.fixture(scope="module")
def environment(standby: tuple[Postgres, Postgres], store: Database) -> dict[str, str]:
    """One process, whose memory holds the notes of who has written."""
    url = urlsplit(standby[1].url)._replace(path=urlsplit(store.url).path).geturl()
    time.sleep(2 * LAG)  # until the standby has the tables too
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings_standby", "REPLICA_URL": url}
    return settings | {"WEB_CONCURRENCY": "1"}


@pytest.fixture
def reader(server: Server, tenant: Tenant) -> Iterator[httpx.Client]:
    """Another key of the tenant, which writes nothing."""
    key = created(tenant.operator.post("/api/v1/api-keys", json={"label": "r", "permissions": ["read"]}))
    with server.client(key["secret"]) as client:
        yield client


def write(tenant: Tenant, text: str = "hello", **headers: str) -> httpx.Response:
    return tenant.client.post(MESSAGES, json={"content": {"content": text}}, headers=headers)


def test_a_key_is_usable_as_soon_as_it_is_made(reader: httpx.Client):
    assert reader.get("/api/v1/auth/session").status_code == 200


def test_a_revoked_key_fails_at_once(tenant: Tenant):
    assert tenant.client.get(MESSAGES).status_code == 200
    changed = tenant.operator.put(f"/api/v1/api-keys/{tenant.key_id}", json={"status": "inactive"})
    assert changed.status_code == 200
    assert tenant.client.get(MESSAGES).status_code == 401


def test_a_key_reads_what_it_wrote(tenant: Tenant):
    message = created(write(tenant))[0]
    assert page(tenant.client)["total_count"] == 1
    assert tenant.client.get(f"{MESSAGES}/{message['id']}").status_code == 200


def test_another_key_reads_it_after_the_lag(tenant: Tenant, reader: httpx.Client):
    began = time.monotonic()
    created(write(tenant))
    seen = page(reader)["total_count"]
    assert seen == 0 or time.monotonic() - began > LAG
    while page(reader)["total_count"] == 0:
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.1)


def test_an_import_repeated_at_once_stores_nothing_again(tenant: Tenant):
    conversation_id = tenant.conversation()
    body = {
        "conversation_id": conversation_id,
        "content": [{"content": "old", "created_at": "2024-05-01T12:00:00Z"}],
    }
    first, second = (created(tenant.client.post(MESSAGES, json=body)) for _ in range(2))
    assert [row["id"] for row in second] == [row["id"] for row in first]


def test_a_retry_is_answered_from_what_was_kept(tenant: Tenant):
    first, second = (write(tenant, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_run_is_opened_written_and_ended_at_once(tenant: Tenant):
    runs = f"/v1/threads/{tenant.conversation()}/runs"
    opened = tenant.client.post(runs, json={"agent_id": "support"}).json()
    run = f"{runs}/{opened['run_id']}"
    written = tenant.client.post(f"{run}/messages", json={"role": "assistant", "content": "hello"})
    assert written.status_code == 200, written.text
    assert tenant.client.patch(run, json={"status": "completed"}).status_code == 200
