"""The vendor's own client iterates the stream of a run to its end, while an agent runtime writes the run."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from seekrai import AsyncSeekrFlow, SeekrFlow
from seekrai.error import ConflictError, InvalidRequestError

from tests.e2e.server import Server
from tests.e2e.tenant import Tenant

# The client hands its bodies to httpx in a way that httpx has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>' to upload raw:DeprecationWarning")

PATIENCE = 30
CALL = {"type": "tool-call", "tool_name": "find_order", "tool_call_id": "call_1", "args": {"number": 1042}}
RESULT = {
    "type": "tool-result",
    "tool_name": "find_order",
    "tool_call_id": "call_1",
    "output": {"status": "shipped"},
}
ANSWER = "It is on its way \u2028 \u0085 déjà"
SAYS: tuple[dict[str, Any], ...] = (
    {"role": "assistant", "parts": [{"type": "reasoning", "text": "Look it up."}, CALL]},
    {"role": "tool", "parts": [RESULT]},
    {"role": "assistant", "content": ANSWER},
)
WANTED = [
    ("start", None),
    ("start-step", None),
    ("reasoning-start", None),
    ("reasoning-delta", "Look it up."),
    ("reasoning-end", None),
    ("tool-input-start", None),
    ("tool-input-available", {"number": 1042}),
    ("finish-step", None),
    ("start-step", None),
    ("tool-output-available", {"status": "shipped"}),
    ("finish-step", None),
    ("start-step", None),
    ("text-start", None),
    ("text-delta", ANSWER),
    ("text-end", None),
    ("finish-step", None),
    ("finish", None),
]


@pytest.fixture
def thread(tenant: Tenant) -> str:
    return str(tenant.client.post("/v1/threads", json={}).json()["id"])


@pytest.fixture
def client(server: Server, tenant: Tenant) -> Iterator[SeekrFlow]:
    with httpx.Client(timeout=PATIENCE) as http:
        yield SeekrFlow(api_key=tenant.secret, base_url=server.url, http_client=http)


def said(events: list[dict[str, Any]]) -> list[tuple[str, object]]:
    """The type of each event, and what it tells."""
    return [(event["type"], event.get("delta", event.get("input", event.get("output")))) for event in events]


def active_run(tenant: Tenant, thread: str) -> str:
    """The run that holds the thread, once one does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if run := tenant.client.get(f"/v1/threads/{thread}").json()["active_run_id"]:
            return str(run)
        time.sleep(0.02)
    raise AssertionError("no run was opened")


def perform(tenant: Tenant, thread: str, pause: float = 0.15, status: str | None = "completed") -> str:
    """What an agent runtime does: it writes the run, and ends it."""
    path = f"/v1/threads/{thread}/runs/{active_run(tenant, thread)}"
    for message in SAYS:
        assert tenant.client.post(f"{path}/messages", json=message).status_code == 200
        time.sleep(pause)
    if status:
        assert tenant.client.patch(path, json={"status": status}).status_code == 200
    return path.rsplit("/", 1)[1]


def opened(tenant: Tenant, thread: str) -> str:
    return str(tenant.client.post(f"/v1/threads/{thread}/runs", json={}).json()["run_id"])


def attached(tenant: Tenant, thread: str, run: str) -> Any:
    return tenant.client.stream("GET", f"/v1/threads/{thread}/runs/{run}/attach", timeout=PATIENCE)


def within(work: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result(PATIENCE)


@pytest.mark.wire(
    "seekrflow", "run_and_stream", "the vendor's client iterates a run that is being written to its end"
)
@pytest.mark.wire("seekrflow", "run_and_stream_for_vercel", "the same, where the vendor's client asks for it")
def test_a_run_is_streamed(client: SeekrFlow, tenant: Tenant, thread: str):
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(perform, tenant, thread)
        events = list(client.agents.runs.run("librarian", thread, stream=True).raw_events())
        run = writing.result()
    assert said(events) == WANTED
    assert events[0]["messageId"] == run
    assert events[0]["messageMetadata"]["metadata"] == {"agent_id": "librarian"}
    assert events[-1]["messageMetadata"] == {"status": "completed"}


def test_it_prints_prettily(client: SeekrFlow, tenant: Tenant, thread: str, capsys):
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(perform, tenant, thread)
        client.agents.runs.run("librarian", thread, stream=True).pretty_print()
        writing.result()
    printed = capsys.readouterr().out
    assert ANSWER in printed
    assert "find_order" in printed
    assert "unknown event" not in printed


def test_the_asynchronous_client_does_so_too(server: Server, tenant: Tenant, thread: str):
    async def events() -> list[Any]:
        async with httpx.AsyncClient(timeout=PATIENCE) as http:
            client = AsyncSeekrFlow(api_key=tenant.secret, base_url=server.url, async_http_client=http)
            stream = await client.agents.runs.run("librarian", thread, stream=True)
            return [event async for event in stream.raw_events()]

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(perform, tenant, thread)
        assert said(asyncio.run(events())) == WANTED
        writing.result()


@pytest.mark.wire("seekrflow", "attach_to_run", "what was written and is written, from the first event on")
def test_who_attaches_gets_it_all(client: SeekrFlow, tenant: Tenant, thread: str):
    run = opened(tenant, thread)
    with ThreadPoolExecutor(3) as pool:
        writing = pool.submit(perform, tenant, thread, 0.3)
        early = pool.submit(lambda: list(client.agents.runs.attach(run, thread)))
        time.sleep(0.5)
        late = pool.submit(lambda: list(client.agents.runs.attach(run, thread)))
        writing.result()
    assert said(early.result()) == said(late.result()) == WANTED
    assert said(list(client.agents.runs.attach(run, thread))) == WANTED


@pytest.mark.wire(
    "seekrflow", "attach_to_run", "lines of data and blank lines alone, ASCII, [DONE] at the end"
)
def test_the_framing(tenant: Tenant, thread: str):
    run = opened(tenant, thread)
    perform(tenant, thread, 0)
    with attached(tenant, thread, run) as answer:
        raw = answer.read()
    assert answer.headers["content-type"] == "text/event-stream"
    assert raw.isascii()
    blocks = raw.decode().split("\n\n")
    assert [block.split(":")[0] for block in blocks[:-1]] == ["data"] * (len(blocks) - 1)
    assert (blocks[-2], blocks[-1]) == ("data: [DONE]", "")
    assert all(isinstance(json.loads(block.removeprefix("data: ")), dict) for block in blocks[:-2])


@pytest.mark.parametrize(("status", "kinds"), [("failed", ["error", "finish"]), ("cancelled", ["finish"])])
def test_how_it_ends(client: SeekrFlow, tenant: Tenant, thread: str, status: str, kinds: list[str]):
    run = opened(tenant, thread)
    perform(tenant, thread, 0, status)
    events = list(client.agents.runs.attach(run, thread))
    assert [event["type"] for event in events][-len(kinds) :] == kinds
    assert events[-1]["messageMetadata"] == {"status": status}


def test_more_messages_than_are_read_at_a_time(client: SeekrFlow, tenant: Tenant, thread: str):
    run = opened(tenant, thread)
    path = f"/v1/threads/{thread}/runs/{run}"
    for number in range(120):
        tenant.client.post(f"{path}/messages", json={"role": "assistant", "content": str(number)})
    tenant.client.patch(path, json={"status": "completed"})
    events = list(client.agents.runs.attach(run, thread))
    assert [event["delta"] for event in events if "delta" in event] == [str(number) for number in range(120)]


def ended_by(tenant: Tenant, thread: str, act: Callable[[], object]) -> bytes:
    """The rest of a stream of an open run, once this was done while it was heard."""
    run = opened(tenant, thread)
    perform(tenant, thread, 0, status=None)
    with attached(tenant, thread, run) as answer:
        pieces = answer.iter_bytes()
        heard = b""
        while ANSWER.split()[0].encode() not in heard:
            heard += next(pieces)
        threading.Timer(0.2, act).start()
        return b"".join(pieces)


def test_it_ends_with_the_thread(tenant: Tenant, thread: str):
    rest = ended_by(tenant, thread, lambda: tenant.client.delete(f"/v1/threads/{thread}"))
    assert b"DONE" not in rest


def test_it_ends_with_the_right_to_read(tenant: Tenant, thread: str):
    key = f"/api/v1/api-keys/{tenant.key_id}"
    rest = ended_by(tenant, thread, lambda: tenant.operator.put(key, json={"permissions": ["write"]}))
    assert b"DONE" not in rest


@pytest.mark.wire("seekrflow", "run_and_stream", "an error before the first event is an answer as any other")
def test_errors_before_the_first_event(client: SeekrFlow, tenant: Tenant, thread: str):
    with pytest.raises(InvalidRequestError):
        client.agents.runs.run("librarian", "conv_unknown", stream=True)
    with pytest.raises(InvalidRequestError):
        client.agents.runs.attach("run_unknown", thread)
    opened(tenant, thread)
    with pytest.raises(ConflictError):
        client.agents.runs.run("librarian", thread, stream=True)
    path = f"/v1/threads/{thread}/runs/stream"
    assert tenant.client.post(path, json={"agent_id": 7}).status_code == 422
