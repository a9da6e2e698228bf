"""Long answers: whoever reads one slowly keeps neither a thread nor the next reader waiting."""

import contextlib
import hashlib
import time
from collections.abc import Iterator

import pytest

from tests.e2e.attack import connected, watching
from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import MESSAGES, Tenant, make_tenant

SLOW, LENGTH, SECONDS = 24, 6_000_000, 6
READ_SECONDS = 0.3

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def server(store: Database) -> Iterator[Server]:
    """As `make run` starts it, but for one process: no other one serves what this one keeps waiting."""
    settings = {"WEB_CONCURRENCY": "1", "THREADS": "4", "QUEUE_SECONDS": "2", "LOCK_SECONDS": "3"}
    with serving(store, **settings) as running:
        yield running


@pytest.fixture
def tenant(server: Server) -> Iterator[Tenant]:
    with make_tenant(server) as made:
        yield made


def stored_object(tenant: Tenant, output: str) -> str:
    """The path of a tool's output that is stored as a file."""
    runs = f"/v1/threads/{tenant.conversation()}/runs"
    run = tenant.client.post(runs, json={"agent_id": "support"}).json()["run_id"]
    part = {"type": "tool-result", "tool_name": "dump", "tool_call_id": "c", "output": output}
    written = tenant.client.post(f"{runs}/{run}/messages", json={"role": "tool", "parts": [part]})
    assert written.status_code == 200, written.text
    name = tenant.store.value(
        f"SELECT id FROM parley_storedobject WHERE workspace_id = '{tenant.workspace_id}'"
    )
    return f"/v1/objects/{name}"


def test_slow_readers_of_large_files(server: Server, tenant: Tenant):
    path = stored_object(tenant, "x" * LENGTH)
    wanted = tenant.client.get(path)
    assert (wanted.status_code, len(wanted.content) >= LENGTH) == (200, True)
    digest = hashlib.sha256(wanted.content).digest()
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {tenant.secret}\r\n"
    with contextlib.ExitStack() as opened:
        readers = [opened.enter_context(connected(server, receive_buffer=65_536)) for _ in range(SLOW)]
        for reader in readers:
            reader.sendall(f"{head}Connection: close\r\n\r\n".encode())
            time.sleep(0.1)  # so that they are slow, and not a crowd
        hold_service(tenant, path)
        heard = b""
        while piece := readers[0].recv(1024 * 1024):
            heard += piece
    assert hashlib.sha256(heard.partition(b"\r\n\r\n")[2]).digest() == digest


def hold_service(tenant: Tenant, path: str) -> None:
    """Pages and the same file are served as if nobody else read."""
    with watching(lambda: tenant.client.get(MESSAGES), lambda: tenant.client.get(path)) as watchers:
        time.sleep(SECONDS)
    print(*watchers, sep="\n")
    for watcher in watchers:
        assert set(watcher.statuses) == {200}
    assert watchers[0].quantile(0.99) <= READ_SECONDS
