"""Clients that dawdle, without an account or with one, cost nobody else a request."""

import contextlib
import json
import select
import socket
import time

import httpx
import pytest

from tests.e2e.attack import connected, dripping, watching
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import MESSAGES, Tenant, created

MANY, SECONDS = 200, 15
PROBE_SECONDS, READ_SECONDS = 0.1, 0.3
ENVIRONMENT = AS_STARTED

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]


def hold_service(server: Server, tenant: Tenant, seconds: float) -> str:
    """For so long every probe and every read is answered, and soon; returns how soon."""
    with (
        httpx.Client(base_url=server.url, timeout=30) as orchestrator,
        watching(
            lambda: orchestrator.get("/livez"),
            lambda: orchestrator.get("/readyz"),
            lambda: tenant.client.get(MESSAGES),
        ) as watchers,
    ):
        time.sleep(seconds)
    for watcher, limit in zip(watchers, (PROBE_SECONDS, PROBE_SECONDS, READ_SECONDS), strict=True):
        assert set(watcher.statuses) == {200}
        assert watcher.quantile(0.99) <= limit, watcher
    alive, ready, reader = watchers
    return f"reads: {reader.p99}; probes: {alive.p99}, {ready.p99}"


def ended(connections: list[socket.socket], seconds: float) -> list[bytes]:
    """What the server says to each of them before it ends the connection, which it does within this time."""
    deadline = time.monotonic() + seconds
    heard = dict.fromkeys(connections, b"")
    listening = set(connections)
    while listening and time.monotonic() < deadline:
        for connection in select.select(list(listening), [], [], 1)[0]:
            try:
                piece = connection.recv(65_536)
            except ConnectionResetError:
                piece = b""
            heard[connection] += piece
            if not piece:
                listening.discard(connection)
    assert not listening, f"{len(listening)} are still open"
    return list(heard.values())


def begun(server: Server, head: bytes) -> list[socket.socket]:
    connections = [connected(server) for _ in range(MANY)]
    for connection in connections:
        connection.sendall(head)
    return connections


def test_a_byte_a_second_of_a_head(server: Server, tenant: Tenant):
    slow = begun(server, b"GET /api/v1/messages HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    with dripping(slow, b"x"):
        report("200 clients send a byte a second of a head", hold_service(server, tenant, 8))
        assert ended(slow, 10) == [b""] * MANY


def test_a_byte_a_second_of_a_body_before_any_key(server: Server, tenant: Tenant):
    head = b"POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{"
    slow = begun(server, head)
    with dripping(slow, b" "):
        report("200 clients send a byte a second of a body", hold_service(server, tenant, 8))
        answers = ended(slow, 10)
    assert {answer.split(maxsplit=2)[1] for answer in answers} == {b"408"}
    assert json.loads(answers[0].partition(b"\r\n\r\n")[2]) == {"detail": "The request body came too slowly"}


def test_connections_on_which_nothing_is_said(server: Server, tenant: Tenant):
    silent = begun(server, b"")
    with dripping(silent, b""):
        report("200 clients send nothing", hold_service(server, tenant, 8))
        assert ended(silent, 10) == [b""] * MANY


def large_page(tenant: Tenant) -> bytes:
    """A request for it."""
    line = f"GET {MESSAGES}?limit=100 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    return f"{line}Authorization: Bearer {tenant.secret}\r\n\r\n".encode()


def test_slow_readers_of_a_large_page(server: Server, tenant: Tenant):
    body = {"conversation_id": tenant.conversation(), "content": [{"content": "x" * 20_000}] * 100}
    created(tenant.client.post(MESSAGES, json=body))
    with contextlib.ExitStack() as opened:
        for _ in range(MANY // 4):
            reader = opened.enter_context(connected(server, receive_buffer=4096))
            reader.sendall(large_page(tenant))
            time.sleep(0.05)  # so that they are slow, and not a crowd
        report("50 slow readers of a page of 2 MB", hold_service(server, tenant, SECONDS))


def test_what_was_slow_is_whole(server: Server, tenant: Tenant):
    """A client that takes its time, within the limits, gets every byte of its answer."""
    texts = ["x" * 20_000 + str(number) for number in range(100)]
    body = {"conversation_id": tenant.conversation(), "content": [{"content": text} for text in texts]}
    created(tenant.client.post(MESSAGES, json=body))
    wanted = tenant.client.get(MESSAGES, params={"limit": 100}).content
    with connected(server, receive_buffer=4096) as reader:
        reader.sendall(large_page(tenant))
        heard = b""
        while piece := reader.recv(256 * 1024):
            heard += piece
            time.sleep(0.005)
    assert heard.partition(b"\r\n\r\n")[2] == wanted
