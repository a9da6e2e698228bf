"""The vendor's own client, sync and async, whole, against a live server."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from mielto import AsyncMielto, Mielto
from mielto.client.exceptions import AuthenticationError, NotFoundError, PermissionError, ValidationError
from mielto.types.memory import MemoryCreate, MemoryReplace, MemorySearchRequest, MemoryUpdate

from messaging.testing import make_key
from tests.cast import Tenant, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)
ROME = MemoryCreate(user_id="ada", memory="Lives in Rome", topics=["place"], metadata={"certain": True})


@pytest.fixture(autouse=True)
def strict(settings: Any) -> None:
    """The client sends nothing that is ignored: it works where that is refused."""
    settings.PARLEY = {**getattr(settings, "PARLEY", {}), "STRICT": True}


@pytest.fixture
def tenant(transactional_db: None) -> Tenant:
    return make_tenant("acme")


class Caller:
    """One of the two clients; `call` waits for the answer of either."""

    def __init__(self, client: Any, run: Callable[[Any], Any]) -> None:
        self.memories, self.run = client.memories, run

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.memories, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            answer = method(*args, **kwargs)
            return self.run(answer) if inspect.isawaitable(answer) else answer

        return call


def caller(kind: str, server: Any, key: str) -> Iterator[Caller]:
    url = f"{server.url}{getattr(settings, 'API_PREFIX', '')}/api/v1"
    if kind == "sync":
        with Mielto(api_key=key, base_url=url) as client:
            yield Caller(client, lambda answer: answer)
        return
    with asyncio.Runner() as runner:
        other = AsyncMielto(api_key=key, base_url=url)
        yield Caller(other, runner.run)
        runner.run(other.close())


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, live_server: Any, tenant: Tenant) -> Iterator[Caller]:
    yield from caller(request.param, live_server, tenant.secret)


def test_a_memory_from_its_beginning_to_its_end(client: Caller):
    made = client.create(ROME)
    assert (made.user_id, made.memory, made.topics, made.metadata) == (
        "ada",
        "Lives in Rome",
        ["place"],
        {"certain": True},
    )
    assert client.get(made.memory_id) == client.get(made.memory_id, user_id="ada") == made
    moved = client.update(made.memory_id, MemoryUpdate(memory="Lives in Paris"))
    assert (moved.memory, moved.topics) == ("Lives in Paris", ["place"])
    replaced = client.replace(made.memory_id, MemoryReplace(memory="Lives in Oslo"))
    assert (replaced["old_memory"]["memory"], replaced["memory"]["memory"]) == (
        "Lives in Paris",
        "Lives in Oslo",
    )
    assert client.delete(made.memory_id, user_id="ada") is None
    with pytest.raises(NotFoundError):
        client.get(made.memory_id)


def test_plain_dicts(client: Caller):
    made = client.create({"user_id": "ada", "memory": "Lives in Rome"})
    assert client.update(made.memory_id, {"topics": ["place"]}).topics == ["place"]


def test_lists_and_their_pages(client: Caller):
    texts = [client.create(MemoryCreate(user_id="ada", memory=f"Fact {n}")).memory for n in range(3)]
    first = client.list(user_id="ada", limit=2, sort_by="created_at", sort_order="asc")
    assert (first.has_more, first.total_count) == (True, 3)
    rest = client.list(
        user_id="ada", limit=2, cursor=first.next_cursor, sort_by="created_at", sort_order="asc"
    )
    assert [row.memory for row in (*first.data, *rest.data)] == texts
    assert (rest.has_more, rest.next_cursor) == (False, None)
    assert not client.list(user_id="bob").data


def test_search(client: Caller):
    client.create(ROME)
    found = client.search(MemorySearchRequest(query="rome", user_id="ada", limit=5))
    assert [row.memory for row in found.memories] == ["Lives in Rome"]
    assert (found.total_results, found.query, found.retrieval_method) == (1, "rome", "keyword")
    assert client.search({"query": "", "user_id": "ada", "retrieval_method": "last_n"}).total_results == 1


def test_from_messages(client: Caller):
    messages = [{"role": "user", "content": "My name is Ada and I live in Rome."}]
    answer = client.from_messages(messages, user_id="ada", agent_id="a", team_id="t")
    assert answer.result.memories_created == len(answer.result.memory_ids) > 0
    assert {row.memory_id for row in client.list(user_id="ada").data} == set(answer.result.memory_ids)


def test_chunks_and_profile(client: Caller):
    made = client.create(ROME)
    [chunk] = client.get_chunks(user_id="ada", include_embedding=True).data
    assert (chunk.id, chunk.content, chunk.metadata["user_id"]) == (made.memory_id, made.memory, "ada")
    profile = client.get_profile("ada")
    assert (profile.profile, profile.structured_profile) == (None, {"place": ["Lives in Rome"]})
    client.create(MemoryCreate(user_id="ada", memory="Ada", memory_type="profile", metadata={"a": 1}))
    assert client.get_profile(user_id="ada").profile.memory == "Ada"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_what_it_raises(kind: str, live_server: Any, tenant: Tenant):
    narrow = make_key(tenant.workspace, permissions=["read"])[1]
    for key, error in (("parley_wrong", AuthenticationError), (narrow, PermissionError)):
        for client in caller(kind, live_server, key):
            with pytest.raises(error):
                client.create(ROME)
    for client in caller(kind, live_server, tenant.secret):
        with pytest.raises(ValidationError):
            client.create({"user_id": "ada"})
