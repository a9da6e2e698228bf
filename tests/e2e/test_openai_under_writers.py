"""OpenAI's own client reads 401 of 401 while eight write: nothing skipped, nothing twice, in their order."""

import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from openai import OpenAI

from tests.e2e.server import Server
from tests.e2e.tenant import Tenant, at_once

pytestmark = pytest.mark.drill

WRITERS, EACH = 8, 50
PAGE = 17
List = Callable[..., Iterable[Any]]


@pytest.fixture
def client(server: Server, tenant: Tenant) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.url}/openai/v1", api_key=tenant.secret) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the Assistants
        yield made


@pytest.fixture(params=["conversations", "threads"])
def kept(request: pytest.FixtureRequest, client: OpenAI) -> tuple[str, List, Callable[[str], Any]]:
    """(the id of a conversation with one message, how its messages are listed, how one is added)."""
    first: Any = {"role": "user", "content": "first"}
    if request.param == "threads":
        messages = client.beta.threads.messages
        thread = client.beta.threads.create(messages=[first]).id
        return (
            thread,
            lambda **query: messages.list(thread, limit=PAGE, **query),
            lambda text: messages.create(thread, role="user", content=text),
        )
    items = client.conversations.items
    conversation = client.conversations.create(items=[first]).id
    return (
        conversation,
        lambda **query: items.list(conversation, limit=PAGE, **query),
        lambda text: items.create(conversation, items=[{"role": "user", "content": text}]),
    )


def followed(listed: List, finished: threading.Event) -> list[str]:
    """The ids that a reader sees who goes on behind the last one that it knows."""
    seen: list[str] = []
    while True:
        is_last_look = finished.is_set()
        seen += [each.id for each in listed(order="asc", **({"after": seen[-1]} if seen else {}))]
        if is_last_look:
            return seen


def looked_back(listed: List, finished: threading.Event) -> list[list[str]]:
    """The ids of every list, newest first, that a reader sees meanwhile."""
    seen: list[list[str]] = []
    while not finished.is_set():
        seen.append([each.id for each in listed(order="desc")])
    return seen


def test_every_message_is_seen_once(tenant: Tenant, kept: tuple[str, List, Callable[[str], Any]]) -> None:
    conversation, listed, add = kept
    finished = threading.Event()
    with ThreadPoolExecutor(2) as pool:
        follower, looker = pool.submit(followed, listed, finished), pool.submit(looked_back, listed, finished)
        try:
            at_once(WRITERS, lambda writer: [add(f"{writer}/{number}") for number in range(EACH)])
        finally:
            finished.set()
        stored = tenant.ids(conversation)
        assert len(stored) == WRITERS * EACH + 1
        assert follower.result() == stored
        for ids in looker.result():
            assert ids == stored[: len(ids)][::-1]
