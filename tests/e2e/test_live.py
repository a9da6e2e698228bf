"""A thousand listeners who wait for events cost no thread, no connection to the database, little memory."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from messaging.changes.relay import SILENT_SECONDS
from tests.e2e.attack import connected
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Database, Server, serving
from tests.e2e.tenant import MESSAGES, Tenant, created

LISTENERS, MEBIBYTES = 1_000, 40
REVOKED_SECONDS = 5
LAST_CHUNK = b"0\r\n\r\n"
"""Whoever reads it knows that nothing is missing."""

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


@pytest.fixture
def server(store: Database) -> Iterator[Server]:
    with serving(store, **AS_STARTED) as running:
        yield running


@contextlib.contextmanager
def listening(server: Server, tenant: Tenant, count: int) -> Iterator[list[socket.socket]]:
    """So many that know that they are heard."""
    ask = (
        f"GET /api/v1/changes/stream HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {tenant.secret}\r\n\r\n"
    ).encode()
    with contextlib.ExitStack() as opened:
        listeners = [opened.enter_context(connected(server)) for _ in range(count)]
        for first in range(0, count, 20):
            for listener in listeners[first : first + 20]:
                listener.sendall(ask)
            for listener in listeners[first : first + 20]:
                heard = b""
                while b"\nid: " not in heard:
                    heard += listener.recv(4096)
        yield listeners


def processes(server: Server) -> list[Path]:
    assert server.process
    first = Path(f"/proc/{server.process.pid}")
    children = (first / f"task/{first.name}/children").read_text().split()
    return [Path("/proc", child) for child in children]


def memory(server: Server) -> float:
    """MiB resident in all processes."""
    pages = [int((process / "statm").read_text().split()[1]) for process in processes(server)]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


def threads(server: Server) -> int:
    return sum(len(list((process / "task").iterdir())) for process in processes(server))


def connections(server: Server) -> int:
    """To the database: its own count of sessions, or how often its file is open."""
    store = server.database
    if store.url.startswith("sqlite"):
        name = store.url.removeprefix("sqlite:///")
        files = [file for process in processes(server) for file in (process / "fd").iterdir()]
        return sum(os.path.realpath(file) == name for file in files)
    return int(store.value("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"))


def test_listeners_cost_neither_threads_nor_requests(server: Server, tenant: Tenant):
    body = {"conversation_id": tenant.conversation(), "content": {"content": "x"}}
    for _ in range(50):  # until every thread has started
        created(tenant.client.post(MESSAGES, json=body))
    with listening(server, tenant, 20):
        pass
    before = memory(server), threads(server), connections(server)
    with listening(server, tenant, LISTENERS):
        grown = memory(server) - before[0]
        threads_now, connections_now = threads(server), connections(server)
        began = time.monotonic()
        for _ in range(50):
            created(tenant.client.post(MESSAGES, json=body))
        print(f"50 creates in {time.monotonic() - began:.2f} s")
        time.sleep(SILENT_SECONDS + 5)
    # Those that serve requests begin when they are needed, and each has a connection.
    assert threads_now <= before[1] + 2 * 4
    assert connections_now <= before[2] + 2 * 4
    assert grown <= MEBIBYTES
    more = threads_now - before[1], connections_now - before[2]
    report(
        "1,000 silent listeners to a stream",
        f"{more[0]} threads and {more[1]} connections to the database more, {grown:.0f} MiB",
    )


def test_a_silent_stream_shows_that_it_is_open(server: Server, tenant: Tenant):
    with listening(server, tenant, 1) as [listener]:
        listener.settimeout(SILENT_SECONDS + 10)
        assert b":\nid: chg_" in listener.recv(4096)


def test_a_revoked_key_ends_its_streams(server: Server, tenant: Tenant):
    with listening(server, tenant, 20) as listeners:
        began = time.monotonic()
        revoked = tenant.operator.put(f"/api/v1/api-keys/{tenant.key_id}", json={"status": "inactive"})
        assert revoked.status_code == 200
        for listener in listeners:
            listener.settimeout(REVOKED_SECONDS)
            heard = b""
            while not heard.endswith(LAST_CHUNK):
                heard += listener.recv(4096)
        seconds = time.monotonic() - began
    assert seconds <= REVOKED_SECONDS
    report("a key is revoked while 20 listen to a stream", f"the streams end after {seconds:.1f} s")


def test_a_stop_ends_the_streams_in_order(server: Server, tenant: Tenant):
    with listening(server, tenant, 20) as listeners:
        assert server.process
        began = time.monotonic()
        server.process.terminate()
        for listener in listeners:
            heard = b""
            while piece := listener.recv(4096):
                heard += piece
            assert heard.endswith(LAST_CHUNK)
        assert server.process.wait(timeout=20) == 0
        assert time.monotonic() - began < 5
