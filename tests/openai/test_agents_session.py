"""The session of openai-agents, whole: what an agent says goes in, and comes back fit for the next turn."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from openai import AsyncOpenAI

from tests.cast import Tenant, make_tenant

from .test_official_client import CALL, url_of

agents = pytest.importorskip("agents", reason="openai-agents is not installed")

pytestmark = pytest.mark.django_db(transaction=True)

TURN: list[Any] = [
    {"role": "user", "content": "Where is order 1042?"},
    {
        "id": "rs_1",
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": "hm"}],
        "encrypted_content": "gAAAA",
    },
    {**CALL, "id": "fc_1", "status": "completed"},
    {"type": "function_call_output", "call_id": "c", "output": "shipped"},
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "It is shipped.", "annotations": []}],
    },
]


@pytest.fixture
def tenant(transactional_db: None) -> Tenant:
    return make_tenant("acme")


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def session(tenant: Tenant, live_server: Any, runner: asyncio.Runner) -> Iterator[Any]:
    client = AsyncOpenAI(api_key=tenant.secret, base_url=url_of(live_server))
    with override_settings(PARLEY={**getattr(settings, "PARLEY", {}), "STRICT": True}):
        yield agents.OpenAIConversationsSession(openai_client=client)
    runner.run(client.close())


@pytest.mark.wire("openai", "list_items", "what openai-agents' session reads may be sent to a model again")
def test_a_turn_comes_back_as_it_went_in(session: Any, runner: asyncio.Runner):
    runner.run(session.add_items(TURN))
    items = runner.run(session.get_items())
    assert [item["type"] for item in items] == ["message", *(item["type"] for item in TURN[1:])]
    assert items[1:3] == TURN[1:3]
    assert items[4] == TURN[4]
    assert {**items[3], "id": "", "status": ""} == {**TURN[3], "id": "", "status": ""}
    assert not [name for item in items for name, value in item.items() if value is None]


@pytest.mark.wire("openai", "create_items", "openai-agents' session stores a hundred items in chunks of 20")
def test_many_items_in_their_order(session: Any, runner: asyncio.Runner):
    runner.run(session.add_items([{"role": "user", "content": str(n)} for n in range(101)]))
    texts = [item["content"][0]["text"] for item in runner.run(session.get_items())]
    assert texts == [str(n) for n in range(101)]
    last = [item["content"][0]["text"] for item in runner.run(session.get_items(limit=45))]
    assert last == texts[-45:]


@pytest.mark.wire("openai", "delete_an_item", "openai-agents' session takes back the newest item")
def test_pop(session: Any, runner: asyncio.Runner):
    assert runner.run(session.pop_item()) is None
    runner.run(session.add_items(TURN))
    popped = [runner.run(session.pop_item()) for _ in range(2)]
    assert [item["type"] for item in popped] == ["message", "function_call_output"]
    assert len(runner.run(session.get_items())) == 3


@pytest.mark.wire("openai", "delete_a_conversation", "openai-agents' session clears itself and begins anew")
def test_clear(session: Any, runner: asyncio.Runner):
    runner.run(session.add_items(TURN))
    first = session.session_id
    runner.run(session.clear_session())
    runner.run(session.add_items(TURN[:1]))
    assert session.session_id != first
    assert len(runner.run(session.get_items())) == 1


def test_another_process_goes_on_with_it(
    session: Any, tenant: Tenant, live_server: Any, runner: asyncio.Runner
):
    runner.run(session.add_items(TURN))

    async def read() -> list[Any]:
        async with AsyncOpenAI(api_key=tenant.secret, base_url=url_of(live_server)) as client:
            other = agents.OpenAIConversationsSession(
                conversation_id=session.session_id, openai_client=client
            )
            items: list[Any] = await other.get_items()
            return items

    assert runner.run(read()) == runner.run(session.get_items())
