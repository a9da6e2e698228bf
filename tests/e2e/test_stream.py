"""Listeners of the stream hear every change once, whatever others write and however often they drop."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.e2e.figures import report
from tests.e2e.listener import STREAM, TIMEOUT, Listener, blocks
from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import MESSAGES, Tenant, at_once, created, make_tenant

PATIENCE = 120
MOST_MILLISECONDS = 150
"""From a commit to its listeners, half of the time."""


def present(tenant: Tenant) -> str:
    """The position behind all that has happened."""
    return str(tenant.client.get("/api/v1/changes?after=latest").json()["next_cursor"])


def all_behind(tenant: Tenant, position: str) -> list[dict[str, Any]]:
    """Every change behind a position, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        page = tenant.client.get(f"/api/v1/changes?after={position}&limit=1000").json()
        found += page["data"]
        position = page["next_cursor"]
        if not page["has_more"]:
            return found


@contextmanager
def listening(tenant: Tenant, count: int, patience: int) -> Iterator[list[Listener]]:
    listeners = [Listener(tenant, present(tenant), patience) for _ in range(count)]
    for listener in listeners:
        listener.start()
    try:
        for listener in listeners:
            assert listener.connected.wait(PATIENCE)
        yield listeners
    finally:
        for listener in listeners:
            listener.stop()


def write(tenant: Tenant, number: int, rounds: int) -> None:
    """Create, change and delete messages of a conversation of one's own, each again until it is answered."""
    conversation = asked(lambda key: post(tenant, "/api/v1/conversations", {}, key), f"{number}")["id"]
    for turn in range(rounds):
        body = {"conversation_id": conversation, "content": {"content": f"{number}/{turn}"}}
        [message] = asked(lambda key: post(tenant, MESSAGES, body, key), f"{number}/{turn}")  # noqa: B023
        path = f"{MESSAGES}/{message['id']}"
        if turn % 3 == 1:
            asked(lambda _: tenant.client.patch(path, json={"tags": ["x"]}, timeout=10), "")  # noqa: B023
        if turn % 3 == 2:
            asked(lambda _: tenant.client.delete(path, timeout=10), "")  # noqa: B023


def post(tenant: Tenant, path: str, body: object, key: str) -> httpx.Response:
    return tenant.client.post(path, json=body, headers={"Idempotency-Key": key}, timeout=10)


def asked(request: Callable[[str], httpx.Response], key: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = request(key)
        except httpx.TransportError:
            time.sleep(0.05)
            continue
        if answer.status_code < 500:
            # A repeat of a deletion whose answer was lost finds nothing to delete.
            return answer.json() if answer.content and answer.status_code < 300 else None
    raise AssertionError("no answer")


def hold(tenant: Tenant, listeners: list[Listener], start: str) -> None:
    """Each listener has heard what the feed tells, in its order."""
    wanted = [change["id"] for change in all_behind(tenant, start)]
    deadline = time.monotonic() + PATIENCE
    for listener in listeners:
        while len(listener.heard) < len(wanted) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [change["id"] for change in listener.heard] == wanted


def test_listeners_who_drop_and_come_back_hear_each_change_once(tenant: Tenant):
    start = present(tenant)
    with listening(tenant, 5, patience=8) as listeners:
        at_once(4, lambda number: write(tenant, number, 10))
        hold(tenant, listeners, start)
    assert all(listener.connections > 1 for listener in listeners)


def test_a_revoked_key_hears_no_more(tenant: Tenant):
    with tenant.client.stream("GET", STREAM, timeout=TIMEOUT) as response:
        lines = response.iter_lines()
        assert next(lines).startswith("retry")
        key = f"/api/v1/api-keys/{tenant.key_id}"
        assert tenant.operator.put(key, json={"status": "inactive"}).status_code == 200
        began = time.monotonic()
        assert [block for block in blocks(lines) if "data" in block] == []
    assert time.monotonic() - began < 30


def test_a_key_that_only_listens_counts_as_used(server: Server, tenant: Tenant):
    used = f"SELECT last_used_at FROM parley_apikey WHERE id = '{tenant.key_id}'"
    assert tenant.store.value(used) is None
    logged = len(server.log())
    with tenant.client.stream("GET", STREAM, timeout=TIMEOUT) as response:
        assert next(response.iter_lines()).startswith("retry")
        assert tenant.store.value(used) is not None
    assert "cannot be written" not in server.log()[logged:]


def test_without_a_key_there_is_no_stream(server: Server):
    assert httpx.get(server.url + STREAM).status_code == 401


@pytest.mark.drill
@pytest.mark.timeout(600)
def test_a_killed_server_loses_no_listener_a_change(store: Database):
    with serving(store) as server, make_tenant(server) as tenant:
        start = present(tenant)
        with listening(tenant, 20, patience=200) as listeners:
            done = threading.Event()
            killer = threading.Thread(target=kill_at_times, args=(server, done))
            killer.start()
            at_once(8, lambda number: write(tenant, number, 300))
            done.set()
            killer.join()
            hold(tenant, listeners, start)
            quiet = [measured(tenant, listeners) for _ in range(20)]
    median, changes = statistics.median(quiet), len(listeners[0].heard)
    assert median <= MOST_MILLISECONDS
    outcome = f"{changes:,} changes to each of 20, once; from commit to listener p50 {median:.0f} ms"
    report("listeners to a stream drop and come back, `kill -9` of the service", outcome)


def kill_at_times(server: Server, done: threading.Event) -> None:
    """kill -9, three times."""
    for _ in range(3):
        if done.wait(4):
            return
        server.kill()
        server.start()


def measured(tenant: Tenant, listeners: list[Listener]) -> float:
    """Milliseconds from the answer to a write until the last listener has heard of it."""
    count = len(listeners[0].heard)
    created(tenant.client.post(MESSAGES, json={"content": {"content": "x"}}))
    began = time.monotonic()
    while any(len(listener.heard) < count + 2 for listener in listeners):
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.002)
    return (time.monotonic() - began) * 1000
