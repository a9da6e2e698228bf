"""Streams of runs where a server without an event loop answers: what has been written, and an end."""

import json
from typing import Any

import pytest

from messaging.models import Run
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


def events(response: Any) -> list[Any]:
    """The events of a stream; the mark of its end as text."""
    assert response["Content-Type"] == "text/event-stream"
    blocks = response.content_read.decode().removesuffix("\n\n").split("\n\n")
    data = [block.removeprefix("data: ") for block in blocks]
    return [text if text == "[DONE]" else json.loads(text) for text in data]


@pytest.mark.parametrize("path", ["stream", "stream/vercel"])
def test_a_run_is_opened_and_begins(api: ApiClient, thread: str, path: str):
    [start] = events(api.post(f"/v1/threads/{thread}/runs/{path}", {"agent_id": "support"}))
    run = api.get(f"/v1/threads/{thread}/runs/{start['messageId']}").json()
    assert (run["status"], run["agent_id"]) == ("queued", "support")


def test_what_is_written_so_far(api: ApiClient, run: str, act):
    act(content="Hello")
    assert [event["type"] for event in events(api.get(f"{run}/attach"))] == [
        "start",
        "start-step",
        "text-start",
        "text-delta",
        "text-end",
        "finish-step",
    ]


def test_an_ended_run_is_done(api: ApiClient, run: str, act):
    act(content="Hello")
    api.patch(run, {"status": "completed"})
    *_, finish, done = events(api.get(f"{run}/attach"))
    assert (finish["type"], done) == ("finish", "[DONE]")


def test_a_run_past_its_time_has_failed(api: ApiClient, acme: Tenant, run: str):
    Run.objects.for_workspace(acme.workspace.pk).update(expires_at="2001-01-01T00:00:00Z")
    assert [event if event == "[DONE]" else event["type"] for event in events(api.get(f"{run}/attach"))] == [
        "start",
        "error",
        "finish",
        "[DONE]",
    ]


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        (
            {
                "type": "tool-result",
                "tool_name": "f",
                "tool_call_id": "c",
                "is_error": True,
                "output": {"a": 1},
            },
            {"type": "tool-output-error", "toolCallId": "c", "errorText": '{"a": 1}'},
        ),
        (
            {"type": "tool-error", "tool_name": "f", "tool_call_id": "c", "error_text": "no such order"},
            {"type": "tool-output-error", "toolCallId": "c", "errorText": "no such order"},
        ),
        (
            {"type": "file", "url": "https://example.com/a.png", "mime_type": "image/png"},
            {"type": "file", "url": "https://example.com/a.png", "mediaType": "image/png"},
        ),
    ],
)
def test_parts_as_events(api: ApiClient, run: str, act, part, wanted):
    act(parts=[part])
    assert events(api.get(f"{run}/attach"))[2] == wanted


def test_a_large_value_is_named_by_its_ref(api: ApiClient, run: str, act):
    act(
        role="tool",
        parts=[{"type": "tool-result", "tool_name": "f", "tool_call_id": "c", "output": "x" * 50_000}],
    )
    output = events(api.get(f"{run}/attach"))[2]["output"]
    assert api.get(f"/v1/objects/{output['object_id']}").content_read == b"x" * 50_000


def test_to_open_a_stream_takes_the_right_to_read(client_with, api: ApiClient, thread: str):
    response = client_with("write").post(f"/v1/threads/{thread}/runs/stream", {})
    assert (response.status_code, response.json()) == (
        403,
        {"detail": "This key lacks the 'read' permission"},
    )
    assert api.get(f"/v1/threads/{thread}/runs").json() == []


def test_a_stream_has_no_head(api: ApiClient, run: str):
    head = api.send("HEAD", f"{run}/attach")
    assert (head.status_code, head["Content-Type"]) == (200, "text/event-stream")
