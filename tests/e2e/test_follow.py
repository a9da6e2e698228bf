"""Who follows a conversation by number or by id gets each message once, in order, whatever others write."""

import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.e2e.tenant import MESSAGES, Tenant, at_once, created, page

README = Path(__file__).resolve().parents[2] / "messaging/api/README.md"
LINES = re.search(r"^## Follow a conversation$.*?^```python\n(.*?)^```$", README.read_text(), re.M | re.S)
WRITERS, BATCHES, MOST = 4, 25, 7


class ReadAll(Exception):
    """The reader has come to the end of what was written."""


def append(tenant: Tenant, conversation: str, number: int, **fields: Any) -> None:
    """A batch, whose messages share one `created_at`."""
    body = [{"content": str(each), **fields} for each in range(number)]
    created(tenant.client.post(MESSAGES, json={"conversation_id": conversation, "content": body}))


def write(tenant: Tenant, conversation: str) -> None:
    """Several writers append batches, and one imports a history that is older than everything."""

    def batches(writer: int) -> None:
        sizes = random.Random(writer)
        for batch in range(BATCHES):
            older = {"created_at": f"2001-01-{batch + 1:02}T00:00:00Z"} if writer == 0 else {}
            append(tenant, conversation, sizes.randint(1, MOST), **older)

    at_once(WRITERS, batches)


@contextmanager
def written(tenant: Tenant, conversation: str) -> Iterator[threading.Event]:
    """Within, writers write; the event tells that they have finished."""
    finished = threading.Event()

    def run() -> None:
        try:
            write(tenant, conversation)
        finally:
            finished.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(run)
        yield finished
        writing.result()


def follow(tenant: Tenant, conversation: str, name: str, limit: int, finished: threading.Event) -> list[str]:
    """The ids that a reader sees that asks with what the last message says of itself."""
    seen: list[str] = []
    last: Any = {"after_seq": 0, "after": None}[name]
    while True:
        was_finished = finished.is_set()
        query = {"order_by": "seq", "order_direction": "asc"} if last is None else {name: last}
        answer = page(tenant.client, f"/api/v1/conversations/{conversation}/messages", limit=limit, **query)
        for row in answer["data"]:
            seen.append(row["id"])
            last = row["seq" if name == "after_seq" else "id"]
        if was_finished and not answer["has_more"]:
            return seen


@pytest.mark.parametrize("name", ["after_seq", "after"])
def test_nothing_is_skipped_and_nothing_comes_twice(tenant: Tenant, name: str) -> None:
    conversation = tenant.conversation()
    append(tenant, conversation, 1)
    with ThreadPoolExecutor(5) as pool, written(tenant, conversation) as finished:
        readers = [pool.submit(follow, tenant, conversation, name, limit, finished) for limit in range(1, 6)]
        seen = [reader.result() for reader in readers]
    assert seen == [tenant.ids(conversation)] * 5


def test_the_lines_of_the_manual(tenant: Tenant) -> None:
    assert LINES, "the manual has no lines"
    conversation, shown = tenant.conversation(), []
    with written(tenant, conversation) as finished:
        rounds_after_the_end = 0

        def pause(seconds: float) -> None:
            nonlocal rounds_after_the_end
            rounds_after_the_end += bool(seconds) and finished.is_set()
            if rounds_after_the_end > 1:
                raise ReadAll
            time.sleep(min(seconds, 0.05))

        names = {
            "client": tenant.client,
            "conversation": conversation,
            "time": SimpleNamespace(sleep=pause),
            "print": lambda role, content: shown.append((role, content)),
        }
        with pytest.raises(ReadAll):
            exec(compile(LINES[1], str(README), "exec"), names)  # noqa: S102  our own manual
    stored = page(
        tenant.client, conversation_id=conversation, order_by="seq", order_direction="asc", limit=1000
    )
    assert shown == [(row["role"], row["content"]) for row in stored["data"]]
    assert len(shown) >= WRITERS * BATCHES
