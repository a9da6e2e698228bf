"""Many who guess passwords at the login of staff: clients of the API notice nothing."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.browser.site import static_files
from tests.e2e.attack import watching
from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import MESSAGES, Tenant, make_tenant

CLIENTS, SECONDS, READ_SECONDS = 32, 8, 0.3
LOGIN = "/admin/login/"

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def server(store: Database) -> Iterator[Server]:
    """As `make run` starts it; each client comes from another address, or the first brake ends the storm."""
    proxy = {"BEHIND_PROXY": "true", "THREADS": "4", "QUEUE_SECONDS": "2", "LOCK_SECONDS": "3"}
    with serving(store, **proxy, **static_files(store)) as running:
        yield running


@pytest.fixture
def tenant(server: Server) -> Iterator[Tenant]:
    with make_tenant(server) as made:
        yield made


def guess(server: Server, number: int, done: threading.Event) -> Counter[int]:
    statuses: Counter[int] = Counter()
    with httpx.Client(base_url=server.url, timeout=30) as client:
        client.headers["X-Forwarded-For"] = f"10.0.0.{number}"
        client.get(LOGIN)
        token = client.cookies.get("csrftoken", "")
        while not done.is_set():
            fields = {"username": f"user {number}", "password": "x", "csrfmiddlewaretoken": token}
            statuses[client.post(LOGIN, data=fields).status_code] += 1
            time.sleep(0.05)
    return statuses


def test_a_storm_of_guesses(server: Server, tenant: Tenant):
    done = threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        guesses = [pool.submit(guess, server, number, done) for number in range(CLIENTS)]
        with watching(lambda: tenant.client.get(MESSAGES)) as [reader]:
            time.sleep(SECONDS)
        done.set()
        statuses = sum((each.result() for each in guesses), Counter())
    print(reader, statuses)
    assert set(reader.statuses) == {200}
    assert reader.quantile(0.99) <= READ_SECONDS
    assert set(statuses) <= {200, 429, 503}
    assert "login of 'user 1' from 10.0.0.1 refused: invalid_login" in server.log()
