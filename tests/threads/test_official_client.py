"""The vendor's own client, sync and async, against a live server."""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import override_settings
from seekrai import AsyncSeekrFlow, SeekrFlow
from seekrai.error import (
    APIError,
    AuthenticationError,
    ConflictError,
    InvalidRequestError,
    RateLimitError,
)
from seekrai.types import InputFile, InputImage, InputText

from tests.cast import Tenant, make_tenant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The client hands its bodies to httpx in a way that httpx has deprecated.
    pytest.mark.filterwarnings("ignore:Use 'content=<...>' to upload raw:DeprecationWarning"),
]

ITEMS = [
    InputText(type="input_text", text="What is in these?"),
    InputImage(type="input_image", detail="low", image_url="data:image/png;base64,QUJD"),
    InputFile(type="input_file", file_id="file-1"),
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
    """Where a client finds us: below the prefix that a host has."""
    return str(server.url) + getattr(settings, "API_PREFIX", "")


class Caller:
    """One of the two clients; `call` waits for the answer of either."""

    def __init__(self, client: Any, run: Callable[[Any], Any]) -> None:
        self.threads = client.agents.threads
        self.runs = client.agents.runs
        self.run = run

    def call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        answer = method(*args, **kwargs)
        return self.run(answer) if inspect.isawaitable(answer) else answer


def caller(kind: str, server: Any, key: str) -> Iterator[Caller]:
    url = url_of(server)
    if kind == "sync":
        with httpx.Client() as http, SeekrFlow(api_key=key, base_url=url, http_client=http) as client:
            yield Caller(client, lambda answer: answer)
        return
    with asyncio.Runner() as runner:
        http_client = httpx.AsyncClient()
        client = AsyncSeekrFlow(api_key=key, base_url=url, async_http_client=http_client)

        async def result(answer: Any) -> Any:
            return await answer

        yield Caller(client, lambda answer: runner.run(result(answer)))
        runner.run(http_client.aclose())


@pytest.fixture(params=["sync", "async"])
def seekr(request: pytest.FixtureRequest, tenant: Tenant, live_server: Any) -> Iterator[Caller]:
    yield from caller(request.param, live_server, tenant.secret)


@pytest.mark.wire("seekrflow", "create_thread", "the vendor's client creates, lists, reads, deletes threads")
def test_threads(seekr: Caller):
    thread = seekr.call(seekr.threads.create, channel="web")
    assert (thread.meta_data, thread.status.value) == ({"channel": "web"}, "available")
    assert thread.id in [row.id for row in seekr.call(seekr.threads.list)]
    assert seekr.call(seekr.threads.retrieve, thread.id) == thread
    assert seekr.call(seekr.threads.delete, thread.id) == {"deleted": True}
    with pytest.raises(InvalidRequestError):
        seekr.call(seekr.threads.retrieve, thread.id)


@pytest.mark.wire("seekrflow", "create_message", "the vendor's client stores text, and items as they were")
def test_messages(seekr: Caller):
    thread = seekr.call(seekr.threads.create).id
    text = seekr.call(seekr.threads.create_message, thread, "user", "hi", k="v")
    items = seekr.call(seekr.threads.create_message, thread, "user", ITEMS)
    assert (text.content, text.meta_data, items.content) == ("hi", {"k": "v"}, ITEMS)
    newest_first = seekr.call(seekr.threads.list_messages, thread)
    assert [row.id for row in newest_first] == [items.id, text.id]
    assert seekr.call(seekr.threads.list_messages, thread, limit=1, order="asc") == [text]
    assert seekr.call(seekr.threads.retrieve_message, thread, items.id) == items
    assert seekr.call(seekr.threads.delete_message, thread, text.id) == {"deleted": True}


@pytest.mark.wire("seekrflow", "update_message", "the vendor's client updates content, metadata, or both")
def test_updates(seekr: Caller):
    thread = seekr.call(seekr.threads.create).id
    message = seekr.call(seekr.threads.create_message, thread, "user", "hi", k="v").id
    update = seekr.threads.update_message
    only_meta_data = seekr.call(update, thread, message, tag="x")
    assert (only_meta_data.content, only_meta_data.meta_data) == ("hi", {"k": "v", "tag": "x"})
    only_content = seekr.call(update, thread, message, content="new")
    assert (only_content.content, only_content.meta_data) == ("new", {"k": "v", "tag": "x"})
    both = seekr.call(update, thread, message, content="newer", k="w")
    assert (both.content, both.meta_data) == ("newer", {"k": "w", "tag": "x"})


@pytest.mark.wire("seekrflow", "cancel_run", "the vendor's client runs, lists, reads and cancels")
def test_runs(seekr: Caller):
    thread = seekr.call(seekr.threads.create).id
    opened = seekr.call(seekr.runs.run, "support", thread, metadata={"release": "7"})
    assert (opened.status, opened.thread_id, opened.group) == ("queued", thread, "default_group")
    run = seekr.call(seekr.runs.retrieve, opened.run_id, thread)
    assert (run.agent_id, run.is_active, run.meta_data) == ("support", True, {"release": "7"})
    locked = seekr.call(seekr.threads.retrieve, thread)
    assert (locked.status.value, locked.active_run_id) == ("locked", run.id)
    assert seekr.call(seekr.runs.list, thread) == [run]
    cancelled = seekr.call(seekr.runs.cancel, "support", run.id, thread)
    assert cancelled == {"status": "canceled", "run_id": run.id}
    assert seekr.call(seekr.runs.retrieve, run.id, thread).status.value == "cancelled"
    assert seekr.call(seekr.threads.retrieve, thread).status.value == "available"


@pytest.mark.wire("seekrflow", "create_run", "the vendor's client raises its own errors")
def test_errors(seekr: Caller, live_server: Any):
    thread = seekr.call(seekr.threads.create).id
    with pytest.raises(APIError) as invalid:
        seekr.call(seekr.threads.create_message, thread, "assistant", "hi")
    assert invalid.value.http_status == 422
    with pytest.raises(InvalidRequestError) as missing:
        seekr.call(seekr.threads.create_message, "nowhere", "user", "hi")
    assert missing.value.http_status == 404
    seekr.call(seekr.runs.run, "support", thread)
    with pytest.raises(ConflictError):
        seekr.call(seekr.runs.run, "support", thread)
    with pytest.raises(ConflictError):
        seekr.call(seekr.threads.create_message, thread, "user", "hi")
    with override_settings(PARLEY={"RATE_LIMIT": "1/hour"}), pytest.raises(RateLimitError):
        for _ in range(2):
            seekr.call(seekr.threads.list)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.wire("seekrflow", "list_threads", "the vendor's client names a wrong key as it should")
def test_a_wrong_key(kind: str, tenant: Tenant, live_server: Any):
    for seekr in caller(kind, live_server, "wrong"):
        with pytest.raises(AuthenticationError):
            seekr.call(seekr.threads.list)


@pytest.mark.wire("seekrflow", "create_message", "the client's own retry of a POST stores one message")
def test_a_retry_of_the_client_stores_one_message(tenant: Tenant, live_server: Any):
    class LosesTheFirstAnswer(httpx.HTTPTransport):
        lost = False

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.url.path.endswith("/messages") and request.method == "POST" and not self.lost:
                self.lost = True
                response.read()
                response.close()
                raise httpx.ReadTimeout("lost", request=request)
            return response

    with (
        httpx.Client(transport=LosesTheFirstAnswer()) as http,
        SeekrFlow(api_key=tenant.secret, base_url=url_of(live_server), http_client=http) as client,
    ):
        thread = client.agents.threads.create().id
        message = client.agents.threads.create_message(thread, "user", "once")
        assert client.agents.threads.list_messages(thread) == [message]
