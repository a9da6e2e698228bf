"""Readers of changes that come and go while writers write and the server is killed: each change once."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.e2e.figures import report
from tests.e2e.server import Database, Server, serving
from tests.e2e.tenant import MESSAGES, Tenant

WRITERS, EACH, READERS, CONVERSATIONS, KILLS = 8, 500, 20, 4, 4
PATIENCE = 120
CHANGES = "/api/v1/changes"

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1_200)]


@pytest.fixture
def server(own_store: Database) -> Iterator[Server]:
    with serving(own_store) as running:
        yield running


def insist(client: httpx.Client, method: str, path: str, *accepted: int, **sent: Any) -> httpx.Response:
    """Ask until the server answers, however often it is killed meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer = client.request(method, path, timeout=10, **sent)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code in accepted:
            return answer
        assert answer is None or answer.status_code >= 500, answer.text
        time.sleep(0.05)
    raise AssertionError(f"no answer within {PATIENCE} seconds")


class Writers:
    """What they do, each with chances of its own, and how far they have come."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.conversations = [tenant.conversation() for _ in range(CONVERSATIONS)]
        self.done = 0

    def write(self, writer: int) -> None:
        chance, own = random.Random(writer), list[str]()
        for number in range(EACH):
            what = chance.random()
            if own and what < 0.15:
                insist(self.tenant.client, "DELETE", f"{MESSAGES}/{own.pop()}", 204, 404)
            elif own and what < 0.3:
                path = f"{MESSAGES}/{chance.choice(own)}"
                insist(self.tenant.client, "PATCH", path, 200, json={"content": str(number)})
            else:
                own += self.create(chance, f"{writer}/{number}")
            self.done += 1

    def create(self, chance: random.Random, key: str) -> list[str]:
        contents = [{"content": f"{key}/{place}"} for place in range(chance.choice([1, 1, 1, 25]))]
        body = {"conversation_id": chance.choice(self.conversations), "content": contents}
        headers = {"Idempotency-Key": key}
        rows = insist(self.tenant.client, "POST", MESSAGES, 201, json=body, headers=headers).json()
        return [row["id"] for row in rows]


def follow(site: Server, tenant: Tenant, position: str, is_over: threading.Event) -> list[dict[str, Any]]:
    """What a reader sees that keeps nothing but its position, and begins anew with every few pages."""
    seen: list[dict[str, Any]] = []
    while True:
        with site.client(tenant.secret) as client:
            for _ in range(5):
                was_over = is_over.is_set()
                page = insist(client, "GET", CHANGES, 200, params={"after": position, "limit": 50}).json()
                seen += page["data"]
                position = page["next_cursor"]
                if was_over and not page["has_more"]:
                    return seen
                time.sleep(0 if page["has_more"] else 0.2)


def strike(site: Server, writers: Writers) -> None:
    """Kill the server and start it again, evenly spread over what is to be written."""
    for kill in range(1, KILLS + 1):
        while writers.done < kill * WRITERS * EACH // (KILLS + 1):
            time.sleep(0.05)
        site.kill()
        site.start()


def hold(seen: list[dict[str, Any]], tenant: Tenant, conversations: list[str]) -> None:
    """Every stored change once, and in each conversation the numbers of its messages without a gap."""
    ids = [change["id"] for change in seen]
    assert len(set(ids)) == len(ids) == stored(tenant)
    assert ids == sorted(ids)
    last = dict.fromkeys(conversations, 0)
    for change in seen:
        if change["type"] == "messages.created":
            assert change["first_seq"] == last[change["conversation_id"]] + 1
            last[change["conversation_id"]] = change["last_seq"]
    assert last == {pk: tenant.counters(pk)[1] for pk in conversations}


def stored(tenant: Tenant) -> int:
    """How many changes of messages there are."""
    sql = "SELECT COUNT(*) FROM parley_change WHERE kind LIKE 'messages.%' AND workspace_id = "
    return int(tenant.store.value(f"{sql}'{tenant.workspace_id}'"))


def test_every_reader_sees_every_change_once(server: Server, tenant: Tenant):
    writers, is_over = Writers(tenant), threading.Event()
    latest = tenant.client.get(CHANGES, params={"after": "latest"}).json()["next_cursor"]
    with ThreadPoolExecutor(WRITERS + READERS + 1) as pool:
        readers = [pool.submit(follow, server, tenant, latest, is_over) for _ in range(READERS)]
        work = [pool.submit(writers.write, number) for number in range(WRITERS)]
        try:
            strike(server, writers)
            for writer in work:
                writer.result()
            time.sleep(1)  # what was killed in mid-transaction holds readers until the database knows
        finally:
            is_over.set()
        for reader in readers:
            hold(reader.result(), tenant, writers.conversations)
    outcome = f"{stored(tenant):,} changes to each of {READERS} readers: none missed, none twice"
    report("readers of changes come and go, `kill -9` of the service, four times", outcome)
