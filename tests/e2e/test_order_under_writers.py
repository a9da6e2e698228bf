"""Who pages by cursor while others write sees each message once, in the order of `seq`."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.tenant import MESSAGES, Tenant, at_once, created, page

WRITERS, EACH = 8, 50
ORDERS = ("created_at", "seq")


def follow(tenant: Tenant, conversation: str, order: str, finished: threading.Event) -> list[str]:
    """The ids that a reader sees which turns a page only when another one follows."""
    seen: list[str] = []
    cursor, query = None, {"conversation_id": conversation, "order_by": order, "order_direction": "asc"}
    while True:
        last_look = finished.is_set()
        answer = page(tenant.client, cursor=cursor, limit=17, **query)
        cursor = answer["next_cursor"] or cursor
        if answer["has_more"] or last_look:
            seen += [row["id"] for row in answer["data"]]
        if last_look and not answer["has_more"]:
            return seen


def read_while(
    tenant: Tenant, conversation: str, write: Callable[[int], Any]
) -> tuple[list[list[str]], list[Any]]:
    """(what a reader of each order saw, what the writers returned)."""
    finished = threading.Event()
    with ThreadPoolExecutor(len(ORDERS)) as pool:
        readers = [pool.submit(follow, tenant, conversation, order, finished) for order in ORDERS]
        try:
            written = at_once(WRITERS, write)
        finally:
            finished.set()
        return [reader.result() for reader in readers], written


def append(tenant: Tenant, conversation: str, *contents: str) -> list[str]:
    body = {"conversation_id": conversation, "content": [{"content": content} for content in contents]}
    return [row["id"] for row in created(tenant.client.post(MESSAGES, json=body))]


def test_single_creates(tenant: Tenant):
    conversation = tenant.conversation()

    def write(writer: int) -> list[str]:
        return [append(tenant, conversation, f"{writer}/{number}")[0] for number in range(EACH)]

    seen, written = read_while(tenant, conversation, write)
    stored = tenant.ids(conversation)
    assert seen == [stored, stored]
    assert tenant.numbers(conversation) == list(range(1, WRITERS * EACH + 1))
    assert tenant.counters(conversation) == (WRITERS * EACH, WRITERS * EACH)
    places = {message_id: place for place, message_id in enumerate(stored)}
    for ids in written:
        assert [places[message_id] for message_id in ids] == sorted(places[message_id] for message_id in ids)


def test_batches_stay_together(tenant: Tenant):
    conversation, batches, size = tenant.conversation(), 6, 8

    def write(writer: int) -> list[list[str]]:
        names = [[f"{writer}/{batch}/{place}" for place in range(size)] for batch in range(batches)]
        return [append(tenant, conversation, *contents) for contents in names]

    seen, written = read_while(tenant, conversation, write)
    stored = tenant.ids(conversation)
    assert seen == [stored, stored]
    assert tenant.counters(conversation) == (WRITERS * batches * size, WRITERS * batches * size)
    for batch in (batch for batches_of_one in written for batch in batches_of_one):
        place = stored.index(batch[0])
        assert stored[place : place + size] == batch


@pytest.mark.parametrize("size", [1, 5], ids=["singles", "batches"])
def test_what_others_delete_neither_hides_nor_repeats_what_stays(tenant: Tenant, size: int):
    conversation, rounds = tenant.conversation(), 16

    def write(writer: int) -> list[str]:
        kept: list[str] = []
        for number in range(rounds):
            batch = append(tenant, conversation, *[f"{writer}/{number}/{place}" for place in range(size)])
            if number % 2:
                assert tenant.client.delete(f"{MESSAGES}/{kept.pop()}").status_code == 204
            kept += batch
        return kept

    seen, written = read_while(tenant, conversation, write)
    stored = tenant.ids(conversation)
    assert sorted(stored) == sorted(message_id for kept in written for message_id in kept)
    for ids in seen:
        assert len(set(ids)) == len(ids)
        assert [message_id for message_id in ids if message_id in set(stored)] == stored
    assert tenant.counters(conversation) == (len(stored), WRITERS * rounds * size)
