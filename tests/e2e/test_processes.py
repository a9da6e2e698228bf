"""The processes of the service: replaced when they are killed, and stopped without losing a request."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import CONVERSATIONS, Tenant

PATIENCE = 60

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


@pytest.fixture
def server(store: Database) -> Iterator[Server]:
    with serving(store) as running:
        yield running


def children(server: Server) -> list[int]:
    assert server.process
    path = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(child) for child in path.read_text().split()]


def test_a_process_that_is_killed_is_replaced_while_the_other_serves(server: Server, tenant: Tenant):
    victim, *survivors = children(server)
    os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while len(now := children(server)) <= len(survivors) or victim in now:
        with httpx.Client(base_url=server.url, timeout=30) as orchestrator:
            assert orchestrator.get("/livez").status_code == 200
        assert time.monotonic() < deadline
    assert set(survivors) < set(now)
    assert tenant.client.get(CONVERSATIONS).status_code == 200


def test_without_the_first_process_the_others_end(server: Server):
    assert server.process
    left = children(server)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    deadline = time.monotonic() + PATIENCE
    while any(Path(f"/proc/{child}").exists() for child in left):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_stop_serves_what_was_asked_before(server: Server, tenant: Tenant):
    """Clients write until the server is gone; what it took, it answered."""
    broken: list[Exception] = []
    statuses: list[int] = []

    def write() -> None:
        with server.client(tenant.secret) as client:
            while True:
                try:
                    statuses.append(client.post(CONVERSATIONS, json={}).status_code)
                except httpx.ConnectError:
                    return
                except httpx.TransportError as error:
                    broken.append(error)
                    return

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    time.sleep(1)
    assert server.process
    server.process.terminate()
    server.socket.close()  # the processes hold the only ones now
    assert server.process.wait(timeout=20) == 0
    for writer in writers:
        writer.join()
    stored = tenant.store.value(
        f"SELECT count(*) FROM parley_conversation WHERE workspace_id = '{tenant.workspace_id}'"
    )
    assert set(statuses) == {201}
    assert stored == len(statuses), broken
