"""The vendor's own client, sync and async, against a live server."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from django.conf import settings
from django.test import override_settings
from openai import AsyncOpenAI, OpenAI

from messaging.models import Message
from messaging.services import MessageDraft, Writer, append_run_message
from tests.cast import Tenant, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)

CALL = {"type": "function_call", "call_id": "c", "name": "find", "arguments": '{"n": 1}'}
SENT: list[Any] = [
    {"role": "user", "content": "Where is order 1042?"},
    {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
    CALL,
    {"type": "function_call_output", "call_id": "c", "output": "shipped"},
    {"type": "foreseen_by_nobody", "id": "x_1", "deep": {"a": [None]}},
    {"role": "assistant", "content": [{"type": "output_text", "text": "It is shipped.", "annotations": []}]},
]


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    """The client sends nothing that is ignored: it works where that is refused."""
    with override_settings(PARLEY={**getattr(settings, "PARLEY", {}), "STRICT": True}):
        yield


@pytest.fixture
def tenant(transactional_db: None) -> Tenant:
    return make_tenant("acme")


def url_of(server: Any) -> str:
    return f"{server.url}{getattr(settings, 'API_PREFIX', '')}/openai/v1/"


class Caller:
    """One of the two clients; `call` waits for the answer of either, `all` reads every page."""

    def __init__(self, client: Any, run: Callable[[Any], Any]) -> None:
        self.conversations, self.beta, self.run = client.conversations, client.beta, run

    def call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        answer = method(*args, **kwargs)
        return self.run(answer) if inspect.isawaitable(answer) else answer

    def all(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> list[Any]:
        pages = method(*args, **kwargs)
        if hasattr(pages, "__aiter__"):
            return list(self.run(_gathered(pages)))
        return list(pages)


async def _gathered(pages: Any) -> list[Any]:
    return [each async for each in pages]


def caller(kind: str, server: Any, key: str) -> Iterator[Caller]:
    if kind == "sync":
        with OpenAI(api_key=key, base_url=url_of(server)) as client:
            yield Caller(client, lambda answer: answer)
        return
    with asyncio.Runner() as runner:
        client_of_loop = AsyncOpenAI(api_key=key, base_url=url_of(server))

        async def result(answer: Any) -> Any:
            return await answer

        yield Caller(client_of_loop, lambda answer: runner.run(result(answer)))
        runner.run(client_of_loop.close())


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, tenant: Tenant, live_server: Any) -> Iterator[Caller]:
    yield from caller(request.param, live_server, tenant.secret)


@pytest.mark.wire("openai", "create_a_conversation", "the vendor's client creates, reads, changes, deletes")
def test_conversations(client: Caller):
    made = client.call(client.conversations.create, metadata={"topic": "orders"}, items=SENT[:1])
    assert (made.object, made.metadata) == ("conversation", {"topic": "orders"})
    assert client.call(client.conversations.retrieve, made.id) == made
    changed = client.call(client.conversations.update, made.id, metadata={"topic": "returns"})
    assert changed.metadata == {"topic": "returns"}
    gone = client.call(client.conversations.delete, made.id)
    assert (gone.id, gone.object, gone.deleted) == (made.id, "conversation.deleted", True)
    with pytest.raises(openai.NotFoundError) as missing:
        client.call(client.conversations.retrieve, made.id)
    assert "Conversation not found" in missing.value.message
    if (
        "config.watching.middleware.Watching" in settings.MIDDLEWARE
    ):  # of the service; a host has ids of its own
        assert missing.value.request_id


@pytest.mark.wire("openai", "create_items", "the vendor's client stores every type, and reads what it sent")
def test_items(client: Caller):
    conversation = client.call(client.conversations.create).id
    items = client.conversations.items
    stored = client.call(items.create, conversation, items=SENT)
    assert [item.type for item in stored.data] == [item.get("type", "message") for item in SENT]
    listed = client.all(items.list, conversation, order="asc", limit=2)
    assert listed == stored.data
    for item, sent in zip(listed, SENT, strict=True):
        back = item.model_dump(exclude_unset=True)
        added = back.keys() - sent.keys()
        assert added <= {"id", "type", "status"}
        assert {name: back[name] for name in sent if name != "content"} == {
            name: value for name, value in sent.items() if name != "content"
        }
        assert client.call(items.retrieve, item.id, conversation_id=conversation) == item
    left = client.call(items.delete, listed[0].id, conversation_id=conversation)
    assert (left.id, left.object) == (conversation, "conversation")
    assert (
        client.all(items.list, conversation, order="asc", include=["reasoning.encrypted_content"])
        == listed[1:]
    )


@pytest.mark.wire("openai", "list_items", "the vendor's client reads 401 of 401, in both orders")
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_item_of_many_pages(client: Caller, order: str):
    conversation = client.call(client.conversations.create).id
    items = client.conversations.items
    for start in range(0, 401, 20):
        texts = [{"role": "user", "content": str(n)} for n in range(start, min(start + 20, 401))]
        client.call(items.create, conversation, items=texts)
    listed = client.all(items.list, conversation, order=order)
    numbers = [int(item.content[0].text) for item in listed]
    assert numbers == sorted(range(401), reverse=order == "desc")


@pytest.mark.wire("openai", "create_items", "the vendor's client raises its own errors, and tries once")
def test_errors(client: Caller):
    conversation = client.call(client.conversations.create).id
    with pytest.raises(openai.BadRequestError) as invalid:
        client.call(client.conversations.items.create, conversation, items=[{"role": "user"}])
    error = invalid.value
    assert (error.param, error.code) == ("items[0].content", "missing_required_parameter")
    assert "items[0].content" in error.message
    with override_settings(PARLEY={"RATE_LIMIT": "1/hour"}), pytest.raises(openai.RateLimitError):
        for _ in range(2):
            client.call(client.conversations.retrieve, conversation)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.wire("openai", "retrieve_a_conversation", "the vendor's client names a wrong key as it should")
def test_a_wrong_key(kind: str, tenant: Tenant, live_server: Any):
    for client in caller(kind, live_server, "wrong"):
        with pytest.raises(openai.AuthenticationError) as refused:
            client.call(client.conversations.retrieve, "conv_x")
        assert refused.value.code == "invalid_api_key"


class SafeOpenAI(OpenAI):
    """The three lines of the README: a retry of the client carries the key of its first try."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._idempotency_header = "Idempotency-Key"


class LosesTheFirstAnswer(httpx.HTTPTransport):
    lost = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path.endswith("/items") and request.method == "POST" and not self.lost:
            self.lost = True
            response.read()
            response.close()
            raise httpx.ReadTimeout("lost", request=request)
        return response


@pytest.mark.wire("openai", "create_items", "a subclass of three lines lets the client's retry store once")
@pytest.mark.parametrize(("kind", "count"), [(SafeOpenAI, 1), (OpenAI, 2)])
def test_a_retry_of_the_client(tenant: Tenant, live_server: Any, kind: type[OpenAI], count: int):
    """And it survives `with_options`; without the subclass a lost answer makes a second message."""
    transport = LosesTheFirstAnswer()
    http: Any = httpx.Client(transport=transport)
    with kind(api_key=tenant.secret, base_url=url_of(live_server), http_client=http) as client:
        conversation = client.conversations.create().id
        again = client.with_options(timeout=30)
        again.conversations.items.create(conversation, items=SENT[:1])
    assert transport.lost
    assert Message.objects.filter(conversation_id=conversation).count() == count


@pytest.mark.wire("openai", "create_a_thread_message", "the vendor's client keeps threads and messages")
def test_threads(client: Caller):
    with pytest.warns(DeprecationWarning, match="deprecated"):
        threads = client.beta.threads
        made = client.call(threads.create, messages=[{"role": "user", "content": "hi"}], metadata={"k": "v"})
        for number in range(25):
            client.call(threads.messages.create, made.id, role="user", content=str(number))
        listed = client.all(threads.messages.list, made.id, order="asc", limit=10)
        assert [message.content[0].text.value for message in listed] == ["hi", *map(str, range(25))]
        one = client.call(threads.messages.retrieve, listed[0].id, thread_id=made.id)
        assert one == listed[0]
        changed = client.call(threads.messages.update, one.id, thread_id=made.id, metadata={"seen": "yes"})
        assert changed.metadata == {"seen": "yes"}
        assert client.call(threads.messages.delete, one.id, thread_id=made.id).deleted
        assert client.call(threads.update, made.id, metadata={}).metadata == {}
        assert client.call(threads.delete, made.id).deleted


@pytest.mark.wire(
    "openai", "create_an_assistants_run", "the vendor's client runs, answers calls, reads steps"
)
def test_runs(client: Caller, tenant: Tenant):
    with pytest.warns(DeprecationWarning, match="deprecated"):
        threads = client.beta.threads
        run = client.call(
            threads.create_and_run,
            assistant_id="support",
            thread={"messages": [{"role": "user", "content": "Where is order 1042?"}]},
        )
        call = {"type": "tool-call", "tool_name": "find", "tool_call_id": "c", "args": {}}
        append_run_message(
            workspace_id=tenant.workspace.pk,
            conversation_id=run.thread_id,
            run_id=run.id,
            draft=MessageDraft(role="assistant", parts=[call]),
            writer=Writer(),
        )
        waiting = client.call(threads.runs.retrieve, run.id, thread_id=run.thread_id)
        assert waiting.status == "requires_action"
        outputs = [
            {"tool_call_id": each.id, "output": "shipped"}
            for each in waiting.required_action.submit_tool_outputs.tool_calls
        ]
        going = client.call(
            threads.runs.submit_tool_outputs, run.id, thread_id=run.thread_id, tool_outputs=outputs
        )
        assert going.status == "in_progress"
        [step] = client.all(threads.runs.steps.list, run.id, thread_id=run.thread_id)
        assert step.step_details.tool_calls[0].function.output == "shipped"
        assert [each.id for each in client.all(threads.runs.list, run.thread_id)] == [run.id]
        assert client.call(threads.runs.cancel, run.id, thread_id=run.thread_id).status == "cancelled"
