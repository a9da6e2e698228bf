"""kill -9 in the middle of writes: what was acknowledged is there, and what is asked again is stored once."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import Database, Server, database, serving
from tests.e2e.tenant import MESSAGES, Tenant
from tests.postgres import Postgres, running

WRITERS, CONVERSATIONS, ACKNOWLEDGED, BATCH, KILLS = 8, 4, 10_000, 5, 8
PATIENCE = 60
ON_POSTGRES = bool(os.environ.get("TEST_DATABASE_URL"))

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


class Ledger:
    """What the writers were promised: the ids of every acknowledged request, by its idempotency key."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.conversations = [tenant.conversation() for _ in range(CONVERSATIONS)]
        self.promised: dict[str, list[str]] = {}
        self.unanswered = 0
        self.enough = threading.Event()

    @property
    def acknowledged(self) -> int:
        return BATCH * len(self.promised)

    def write(self, writer: int) -> None:
        number = 0
        while not self.enough.is_set():
            self.write_once(f"{writer}/{number}", self.conversations[number % CONVERSATIONS])
            number += 1

    def write_once(self, key: str, conversation: str) -> None:
        """Ask until there is an answer, as a client would that wants its message stored once."""
        contents = [{"content": f"{key}/{place}"} for place in range(BATCH)]
        body = {"conversation_id": conversation, "content": contents}
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = self.tenant.client.post(
                    MESSAGES, json=body, headers={"Idempotency-Key": key}, timeout=10
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 201:
                self.promised[key] = [row["id"] for row in answer.json()]
                return
            assert answer is None or answer.status_code >= 500, answer.text
            self.unanswered += 1
            time.sleep(0.05)
        raise AssertionError(f"no answer within {PATIENCE} seconds")

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 4 * PATIENCE
        while self.acknowledged < count:
            assert time.monotonic() < deadline, "the writers do not get on"
            time.sleep(0.01)

    def check(self) -> None:
        """Nothing lost, nothing twice, every counter right, every number used once."""
        rows = self.tenant.store.rows(
            "SELECT id, content FROM parley_message"
            f" WHERE workspace_id = '{self.tenant.workspace_id}' ORDER BY conversation_id, seq"
        )
        contents = dict(rows)
        promised = {
            message_id: f"{key}/{place}"
            for key, ids in self.promised.items()
            for place, message_id in enumerate(ids)
        }
        assert {message_id: contents.get(message_id) for message_id in promised} == promised
        assert len(rows) == len(set(contents.values())) == len(promised)
        for conversation in self.conversations:
            numbers = self.tenant.numbers(conversation)
            assert numbers == list(range(1, len(numbers) + 1))
            assert self.tenant.counters(conversation) == (len(numbers), len(numbers))


def drill(tenant: Tenant, strike: Callable[[], Any]) -> None:
    """Strike, evenly spread, while the writers collect their acknowledgements."""
    ledger = Ledger(tenant)
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(ledger.write, number) for number in range(WRITERS)]
        try:
            for kill in range(1, KILLS + 1):
                ledger.wait_for(kill * ACKNOWLEDGED // (KILLS + 1))
                strike()
            ledger.wait_for(ACKNOWLEDGED)
        finally:
            ledger.enough.set()
        for writer in writers:
            writer.result()
    assert ledger.unanswered, "no strike met a request in flight"
    ledger.check()
    print(f"{ledger.acknowledged} acknowledged, {ledger.unanswered} asked again, {KILLS} kills")


@pytest.fixture
def postgres() -> Iterator[Postgres | None]:
    """A PostgreSQL with the durability of production, if that is what the suite runs on."""
    if not ON_POSTGRES:
        yield None
        return
    with running(durable=True) as server:
        yield server


@pytest.fixture
def durable(postgres: Postgres | None, tmp_path: Path) -> Iterator[Database]:
    with database(tmp_path, postgres.url if postgres else None) as made:
        yield made


@pytest.fixture
def server(durable: Database) -> Iterator[Server]:
    with serving(durable) as running_server:
        yield running_server


def test_the_processes_of_the_server_are_killed(server: Server, tenant: Tenant):
    def strike() -> None:
        server.kill()
        server.start()

    drill(tenant, strike)


@pytest.mark.skipif(not ON_POSTGRES, reason="SQLite has no process of its own to kill")
def test_postgresql_is_killed(server: Server, postgres: Postgres, tenant: Tenant):
    def strike() -> None:
        postgres.kill()
        postgres.start()

    drill(tenant, strike)
