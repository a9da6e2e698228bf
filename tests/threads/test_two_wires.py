"""One store: what either wire writes the other reads, with 200 real conversations of a tool-calling agent."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.client import ApiClient

pytestmark = pytest.mark.django_db

DATA = (
    Path(os.environ.get("PARLEY_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
    / "agent-conversations.json"
)

needs_data = pytest.mark.skipif(
    not DATA.exists(), reason="the conversations are not beside this project; name them in PARLEY_TEST_DATA"
)


@cache
def conversations() -> list[list[dict[str, Any]]]:
    return [record["traj"] for record in json.loads(DATA.read_text())]


def calls_of(message: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """(id, name, arguments) of each call that a message in OpenAI's shape makes."""
    return [
        (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in message.get("tool_calls") or ()
    ]


def parts_read(message: dict[str, Any]) -> tuple[str, list[tuple[str, str, Any]], Any]:
    """(text, calls, (id, name, output) of the result) of a thread message, from its parts."""
    parts = message["parts"]
    text = "\n".join(part["text"] for part in parts if part["type"] == "text")
    calls = [(p["tool_call_id"], p["tool_name"], p["args"]) for p in parts if p["type"] == "tool-call"]
    results = [(p["tool_call_id"], p["tool_name"], p["output"]) for p in parts if p["type"] == "tool-result"]
    return text, calls, results


@needs_data
@pytest.mark.wire("seekrflow", "list_messages", "200 real conversations written through Mielto, part by part")
def test_written_through_mielto_read_as_threads(api: ApiClient):
    for messages in conversations():
        drafts = [
            {
                "role": message["role"],
                "content": message["content"] or "",
                "tool_calls": message.get("tool_calls"),
                "meta_data": {k: message[k] for k in ("tool_call_id", "name") if k in message},
            }
            for message in messages
        ]
        [first, *_] = api.post("/api/v1/messages", {"content": drafts}).json()
        path = f"/v1/threads/{first['conversation_id']}/messages"
        rows = api.get(f"{path}?order=asc&limit=1000&include_parts=true").json()
        assert len(rows) == len(messages)
        for message, row in zip(messages, rows, strict=True):
            content = message["content"] or ""
            assert (row["role"], row["content"]) == (message["role"], content)
            is_tool = message["role"] == "tool"
            result = [(message.get("tool_call_id"), message.get("name"), content)] if is_tool else []
            assert parts_read(row) == ("" if is_tool else content, calls_of(message), result)


@needs_data
@pytest.mark.wire("seekrflow", "create_run_message", "the same written as runs, read back through Mielto")
@pytest.mark.parametrize("every", [10, pytest.param(1, marks=pytest.mark.drill)])
def test_written_as_runs_read_through_mielto(api: ApiClient, every: int):
    for messages in conversations()[::every]:
        thread = api.post("/v1/threads", {}).json()["id"]
        run = None
        for message in messages:
            if message["role"] in ("assistant", "tool"):
                run = run or opened(api, thread)
                assert api.post(f"{run}/messages", acted(message)).status_code == 200
                continue
            if run:
                api.patch(run, {"status": "completed"})
                run = None
            said = {"role": message["role"], "content": message["content"]}
            assert api.post(f"/v1/threads/{thread}/messages", said).status_code == 200
        page = api.get(f"/api/v1/conversations/{thread}/messages?limit=1000&order_direction=asc").json()
        for message, row in zip(messages, page["data"], strict=True):
            assert (row["role"], row["content"]) == (message["role"], message["content"] or "")
            assert calls_of(row) == calls_of(message)


def opened(api: ApiClient, thread: str) -> str:
    run_id = api.post(f"/v1/threads/{thread}/runs", {}).json()["run_id"]
    return f"/v1/threads/{thread}/runs/{run_id}"


def acted(message: dict[str, Any]) -> dict[str, Any]:
    """A message of an agent as one of a run, in explicit parts and nothing else."""
    if message["role"] == "tool":
        fields = {"tool_name": message["name"], "tool_call_id": message["tool_call_id"]}
        return {"role": "tool", "parts": [{"type": "tool-result", "output": message["content"]} | fields]}
    text = [{"type": "text", "text": message["content"]}] if message["content"] else []
    calls = [
        {"type": "tool-call", "tool_call_id": call_id, "tool_name": name, "args": args}
        for call_id, name, args in calls_of(message)
    ]
    return {"role": "assistant", "parts": [*text, *calls]}


def test_files_and_calls_of_a_run_read_through_mielto(api: ApiClient, act):
    parts = [
        {"type": "reasoning", "text": "not said"},
        {"type": "text", "text": "one"},
        {"type": "tool-call", "tool_name": "f", "tool_call_id": "c", "args": {"x": 1}},
        {"type": "file", "url": "https://example.com/a.png", "mime_type": "image/png"},
        {"type": "text", "text": "two"},
    ]
    message = act(parts=parts, meta_data={"k": "v"})
    row = api.get(f"/api/v1/messages/{message['id']}").json()
    assert (row["content"], row["meta_data"]) == ("one\ntwo", {"k": "v"})
    assert calls_of(row) == [("c", "f", {"x": 1})]
    assert row["attachments"] == [
        {"type": "file", "url": "https://example.com/a.png", "mime_type": "image/png"}
    ]


def test_items_read_through_mielto(api: ApiClient, say):
    items = [
        {"type": "input_text", "text": "one"},
        {"type": "input_file", "file_id": "f"},
        {"type": "input_text", "text": "two"},
    ]
    row = api.get(f"/api/v1/messages/{say(items)['id']}").json()
    assert (row["content"], row["attachments"]) == ("one\ntwo", [{"type": "file", "file_id": "f"}])
