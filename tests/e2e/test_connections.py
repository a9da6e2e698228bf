"""Connections beyond the limit of a process are refused, and whoever was there before notices nothing."""

import contextlib
import time
from socket import socket

import httpx
import pytest

from tests.e2e.attack import connected, watching
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Server
from tests.e2e.tenant import MESSAGES, Tenant

LIMIT, BEYOND, SECONDS = 50, 200, 4
READ_SECONDS = 0.3
ENVIRONMENT = AS_STARTED | {"WEB_CONCURRENCY": "1", "MAX_CONNECTIONS": str(LIMIT)}

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


def heard(connection: socket) -> bytes:
    """All that is said until the server ends the connection."""
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65_536):
            answer += piece
    return answer


def test_connections_beyond_the_limit(server: Server, tenant: Tenant):
    assert tenant.client.get(MESSAGES).status_code == 200  # it has its connection
    head = f"GET {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {tenant.secret}\r\n\r\n"
    with contextlib.ExitStack() as opened:
        for _ in range(LIMIT):
            opened.enter_context(connected(server))
        with watching(lambda: tenant.client.get(MESSAGES)) as [watcher]:
            beyond = [opened.enter_context(connected(server)) for _ in range(BEYOND)]
            for connection in beyond:
                connection.sendall(head.encode())
            answers = [heard(connection) for connection in beyond]
            time.sleep(SECONDS)
    for answer in answers:
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in answer.lower()
    assert set(watcher.statuses) == {200}
    assert watcher.quantile(0.99) <= READ_SECONDS
    report("200 connections beyond the limit of a process", f"reads on others: {watcher.p99}")


def test_there_is_room_again_once_others_have_gone(server: Server, tenant: Tenant):
    with contextlib.ExitStack() as opened:
        for _ in range(LIMIT + 1):
            opened.enter_context(connected(server))
        time.sleep(0.5)
        with httpx.Client(base_url=server.url) as late:
            # Who orchestrates is answered whatever the crowd.
            assert late.get("/livez").status_code == 200
            assert late.get(MESSAGES).status_code == 503
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with httpx.Client(base_url=server.url) as next_one:
            if next_one.get(MESSAGES).status_code == 401:
                return
    raise AssertionError("there is no room")
