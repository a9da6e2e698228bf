"""What writers were promised, and whether it was kept."""

import threading
import time

import httpx

from tests.e2e.tenant import MESSAGES, Tenant

__all__ = ["Ledger"]

CONVERSATIONS = 4
PATIENCE = 120


class Ledger:
    """What the writers were promised: the ids of every acknowledged request, by its idempotency key."""

    def __init__(self, tenant: Tenant, batch: int) -> None:
        self.tenant, self.batch = tenant, batch
        self.conversations = [tenant.conversation() for _ in range(CONVERSATIONS)]
        self.promised: dict[str, list[str]] = {}
        self.unanswered = 0
        self.enough = threading.Event()
        self.gaps: list[float] = []
        """Seconds between one acknowledgement and the next."""
        self._last = time.monotonic()

    @property
    def acknowledged(self) -> int:
        """Messages, not requests."""
        return self.batch * len(self.promised)

    def write(self, writer: int) -> None:
        number = 0
        while not self.enough.is_set():
            self.write_once(f"{writer}/{number}", self.conversations[number % CONVERSATIONS])
            number += 1

    def write_once(self, key: str, conversation: str) -> None:
        """Ask until there is an answer, as a client would that wants its message stored once."""
        contents = [{"content": f"{key}/{place}"} for place in range(self.batch)]
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
                now = time.monotonic()
                self.gaps.append(now - self._last)
                self._last = now
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
