"""A server that is asked for more than it can do refuses some in time, and serves again when it can."""

import contextlib
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import CONVERSATIONS, MESSAGES, Tenant

WAITED, HELD = 0.3, 1.0


@pytest.fixture(scope="module")
def single(store: Database) -> Iterator[Server]:
    """With one thread, and little patience."""
    with serving(store, WEB_CONCURRENCY="1", THREADS="1", QUEUE_SECONDS=str(WAITED)) as running:
        yield running


@contextlib.contextmanager
def writes_held(database: Database) -> Iterator[None]:
    """Within, whoever writes messages waits."""
    if database.url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(urlsplit(database.url).path, isolation_level=None)) as held:
            held.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(database.url) as connection:
            connection.execute("LOCK TABLE parley_message IN EXCLUSIVE MODE")
            yield


def test_the_one_behind_a_slow_one_is_refused_and_the_next_is_served(single: Server, tenant: Tenant):
    conversation = tenant.conversation()
    body = {"conversation_id": conversation, "content": {"content": "x"}}
    answers: dict[str, httpx.Response] = {}  # by name: the one refused may hear of it before the other
    with single.client(tenant.secret) as client:
        client.get(CONVERSATIONS)  # the use of the key is noted; this would wait, too
        slow = threading.Thread(target=lambda: answers.update(posted=client.post(MESSAGES, json=body)))
        with writes_held(single.database):
            slow.start()
            time.sleep(0.2)
            behind = threading.Thread(target=lambda: answers.update(refused=client.get(MESSAGES)))
            behind.start()
            time.sleep(HELD)
        slow.join()
        behind.join()
        after = client.get(f"{CONVERSATIONS}/{conversation}")
    posted, refused = answers["posted"], answers["refused"]
    assert (posted.status_code, after.status_code) == (201, 200)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.json() == {"detail": "The service is overloaded"}
    assert after.json()["id"] == conversation


def test_who_asks_again_and_again_does_not_keep_the_thread_from_others(single: Server, tenant: Tenant):
    done = threading.Event()

    def ask_again() -> None:
        with single.client(tenant.secret) as eager:
            while not done.is_set():
                assert eager.get("/livez").status_code == 200

    eager = threading.Thread(target=ask_again)
    eager.start()
    try:
        for _ in range(20):
            with single.client(tenant.secret) as other:  # each on a connection of its own
                assert other.get(CONVERSATIONS).status_code == 200
    finally:
        done.set()
        eager.join()


@contextlib.contextmanager
def silent(server: Server, count: int) -> Iterator[None]:
    """Within, so many connections are open on which nothing is said."""
    address = urlsplit(server.url)
    with contextlib.ExitStack() as opened:
        for _ in range(count):
            opened.enter_context(socket.create_connection((address.hostname, address.port)))
        time.sleep(0.2)  # until they are taken
        yield


def test_who_says_nothing_keeps_no_thread_from_others(single: Server):
    with silent(single, 10):
        assert httpx.get(f"{single.url}/livez", timeout=4).status_code == 200


def test_who_says_nothing_does_not_hold_up_a_stop(store: Database):
    with serving(store, WEB_CONCURRENCY="1") as server, silent(server, 3):
        assert server.process
        started = time.monotonic()
        server.process.terminate()
        assert server.process.wait(timeout=20) == 0
        assert time.monotonic() - started < 10
