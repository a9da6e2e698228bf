"""Many who guess passwords at the login of staff: clients of the API notice nothing."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.browser.site import static_files
from tests.e2e.attack import watching
from tests.e2e.figures import report
from tests.e2e.server import AS_STARTED, Database, Server
from tests.e2e.tenant import MESSAGES, Tenant

CLIENTS, SECONDS, READ_SECONDS = 32, 8, 0.3
LOGIN = "/admin/login/"

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def environment(store: Database) -> dict[str, str]:
    """Each client comes from another address, or the first brake ends the storm."""
    return AS_STARTED | static_files(store) | {"BEHIND_PROXY": "true"}


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
    print(statuses)
    assert set(reader.statuses) == {200}
    assert reader.quantile(0.99) <= READ_SECONDS
    report("32 clients guess passwords of staff, each from an address of its own", f"reads: {reader.p99}")
    assert set(statuses) <= {200, 429, 503}
    assert "login of 'user 1' from 10.0.0.1 refused: invalid_login" in server.log()
