"""Long answers: whoever reads one slowly keeps neither a thread nor the next reader waiting."""

import contextlib
import hashlib
import time

import pytest

from tests.e2e.attack import connected, watching
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import MESSAGES, Tenant

SLOW, LENGTH, SECONDS = 24, 6_000_000, 6
READ_SECONDS = 0.3
ENVIRONMENT = AS_STARTED | {"WEB_CONCURRENCY": "1"}
"""One process: no other one serves what this one keeps waiting."""

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


def stored_object(tenant: Tenant, output: str) -> str:
    """The path of a tool's output that is stored as a file."""
    written = tenant.write_output(tenant.run(), output)
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
    for watcher in watchers:
        assert set(watcher.statuses) == {200}
    assert watchers[0].quantile(0.99) <= READ_SECONDS
    outcome = f"reads: {watchers[0].p99}; the same file: {watchers[1].p99}"
    report("24 slow readers of a file of 6 MB, one process", outcome)


def test_slow_readers_of_an_export(server: Server, tenant: Tenant):
    """Its moment of the database ends with what the database gives, and not with its reader."""
    conversation = tenant.conversation()
    body = {"conversation_id": conversation, "content": [{"content": "x" * 6_000}] * 1_000}
    assert tenant.client.post(MESSAGES, json=body).status_code == 201
    path = f"/admin/parley/conversation/{conversation}/export/"
    cookie = {"Cookie": f"sessionid={tenant.store.run('tests.e2e.staff')}"}
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie['Cookie']}\r\n\r\n"
    with contextlib.ExitStack() as opened:
        for _ in range(SLOW):
            reader = opened.enter_context(connected(server, receive_buffer=65_536))
            reader.sendall(head.encode())
            time.sleep(0.2)
        time.sleep(2)
        assert tenant.store.in_transaction() == 0
        with watching(lambda: tenant.client.get(MESSAGES + "?limit=5")) as [watcher]:
            began = time.monotonic()
            whole = tenant.client.get(path, headers=cookie)
            seconds = time.monotonic() - began
            time.sleep(SECONDS)
    assert whole.text.count('{"type":"message"') == 1_000
    assert set(watcher.statuses) == {200}
    assert watcher.quantile(0.99) <= READ_SECONDS
    report(
        "24 slow readers of an export of 6 MB, one process",
        f"reads: {watcher.p99}; the same export: {seconds:.1f} s",
    )
