"""Who waits for the lock of one conversation keeps nobody else waiting, and does not wait for ever."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

import httpx
import psycopg
import pytest

from tests.e2e.attack import watching
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import MEMORIES, MESSAGES, WRITES, Tenant, make_tenant

CLIENTS, SECONDS = 12, 10
LIMIT, SLACK = 3.0, 0.3
"""In seconds: of the wait, and for what comes before and after it."""
ENVIRONMENT = AS_STARTED
ROW = "SELECT 1 FROM parley_conversation WHERE id = '{conversation}' FOR UPDATE"

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


@pytest.fixture
def tenants(server: Server) -> Iterator[tuple[Tenant, Tenant]]:
    with make_tenant(server) as first, make_tenant(server) as second:
        yield first, second


def write_until(
    done: threading.Event, tenant: Tenant, path: str, body: object
) -> list[tuple[float, httpx.Response]]:
    """What one client hears that writes again after each answer, and after how many seconds."""
    heard = []
    while not done.is_set():
        began = time.monotonic()
        answer = tenant.client.post(path, json=body)
        heard.append((time.monotonic() - began, answer))
    return heard


@pytest.mark.skipif(not os.environ.get("TEST_DATABASE_URL"), reason="SQLite locks no rows")
@pytest.mark.parametrize(
    ("lock", "named"),
    [(ROW, "{conversation}"), (ROW, "{message}"), ("LOCK TABLE parley_memory IN EXCLUSIVE MODE", MEMORIES)],
    ids=["of a conversation", "of that of a message", "of memories"],
)
def test_a_lock_is_noticed_by_its_writers_alone(
    server: Server, tenants: tuple[Tenant, Tenant], lock: str, named: str
):
    busy, other = tenants
    ids = busy.ids_there()
    writes = [(path.format(**ids), body) for path, body in WRITES.items() if named in path]
    own: dict[str, object] = {"conversation_id": other.conversation(), "content": {"content": "y"}}
    done = threading.Event()
    with psycopg.connect(server.database.url) as holder, ThreadPoolExecutor(CLIENTS) as pool:
        holder.execute(lock.format(**ids))
        writers = [pool.submit(write_until, done, busy, *write) for write in islice(cycle(writes), CLIENTS)]
        time.sleep(0.5)
        with (
            httpx.Client(base_url=server.url, timeout=30) as orchestrator,
            watching(
                lambda: orchestrator.get("/livez"),
                lambda: orchestrator.get("/readyz"),
                lambda: other.client.get(MESSAGES),
                lambda: other.client.post(MESSAGES, json=own),
                lambda: busy.client.get(MESSAGES),
            ) as watchers,
        ):
            time.sleep(SECONDS)
        done.set()
        refused = [one for writer in writers for one in writer.result()]
    for watcher, limit in zip(watchers, (0.1, 0.1, 0.3, 0.3, 0.3), strict=True):
        assert set(watcher.statuses) <= {200, 201}
        assert watcher.quantile(0.99) <= limit, watcher
    longest = max(seconds for seconds, _ in refused)
    assert {(answer.status_code, bool(answer.headers["Retry-After"])) for _, answer in refused} == {
        (503, True)
    }
    assert longest <= LIMIT + SLACK
    assert all(busy.client.post(path, json=body).is_success for path, body in writes)
    report(
        "a lock is held, 12 clients write there",
        f"another tenant: {watchers[2].p99}, writes {watchers[3].p99}; probes: {watchers[0].p99}; "
        f"the 12: 503 after {longest:.1f} s at most",
    )


def test_honest_writers_into_one_conversation_are_not_refused(tenants: tuple[Tenant, Tenant]):
    body = {"conversation_id": tenants[0].conversation(), "content": [{"content": "x"}] * 10}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: tenants[0].client.post(MESSAGES, json=body), range(200)))
    assert {answer.status_code for answer in answers} == {201}
