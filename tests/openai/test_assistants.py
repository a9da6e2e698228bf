"""Threads, messages and runs of the Assistants, over the ledger of runs that the store keeps."""

from typing import Any
from unittest.mock import Mock

import pytest
from django.db import OperationalError

from messaging.models import Run
from messaging.services import MessageDraft, Writer, append_run_message
from tests.cast import Tenant
from tests.client import ApiClient
from tests.walk import state

from .test_conversations import error

THREADS = "/openai/v1/threads"
PNG = "data:image/png;base64,QUJD"


@pytest.fixture
def thread(api: ApiClient) -> str:
    """Path of an empty thread of acme."""
    return f"{THREADS}/{api.post(THREADS).json()['id']}"


@pytest.fixture
def run(api: ApiClient, thread: str) -> str:
    """Path of a run that holds the thread."""
    opened = api.post(f"{thread}/runs", {"assistant_id": "support"})
    assert opened.status_code == 200, opened.content
    return f"{thread}/runs/{opened.json()['id']}"


def act(tenant: Tenant, run: str, **fields: Any) -> str:
    """A message of the run, as the agent runtime writes it; its id."""
    _, _, _, _, thread_id, _, run_id = run.split("/")
    row = append_run_message(
        workspace_id=tenant.workspace.pk,
        conversation_id=thread_id,
        run_id=run_id,
        draft=MessageDraft(role="assistant", **fields),
        writer=Writer(),
    )
    return str(row.pk)


def called(*ids: str) -> list[dict[str, Any]]:
    return [
        {"type": "tool-call", "tool_name": "find", "tool_call_id": each, "args": {"n": 1}} for each in ids
    ]


class TestThreads:
    @pytest.mark.wire("openai", "create_an_assistants_thread", "the body may be left out; all keys answered")
    @pytest.mark.parametrize("body", [None, {}, {"messages": None, "metadata": None, "tool_resources": None}])
    def test_a_body_may_be_left_out(self, api: ApiClient, body: object):
        made = api.post(THREADS, body).json()
        assert made | {"id": 0, "created_at": 0} == {
            "id": 0,
            "object": "thread",
            "created_at": 0,
            "metadata": {},
            "tool_resources": None,
        }

    @pytest.mark.wire("openai", "modify_an_assistants_thread", "metadata is replaced, what is left out stays")
    def test_changes(self, api: ApiClient):
        resources = {"file_search": {"vector_store_ids": ["vs_1"]}}
        made = api.post(THREADS, {"metadata": {"a": "1"}, "tool_resources": resources}).json()
        path = f"{THREADS}/{made['id']}"
        assert (made["metadata"], made["tool_resources"]) == ({"a": "1"}, resources)
        assert api.post(path, {"metadata": {"b": "2"}}).json()["tool_resources"] == resources
        assert api.post(path, {"tool_resources": {}}).json()["metadata"] == {"b": "2"}
        assert api.get(path).json() == api.post(path, {}).json()

    @pytest.mark.wire("openai", "get_an_assistants_thread", "a conversation of another wire is a thread")
    def test_a_conversation_is_a_thread(self, api: ApiClient, acme: Tenant):
        assert api.get(f"{THREADS}/{acme.conversation.pk}").json()["id"] == acme.conversation.pk

    @pytest.mark.wire("openai", "delete_an_assistants_thread", "answers a deletion object; all below is gone")
    def test_delete(self, api: ApiClient, thread: str):
        gone = {"id": thread.rpartition("/")[2], "object": "thread.deleted", "deleted": True}
        assert api.delete(thread).json() == gone
        assert error(api.get(thread))[0] == 404
        assert error(api.get(f"{thread}/messages"))[0] == 404
        assert error(api.get(f"{thread}/runs"))[0] == 404


class TestMessages:
    @pytest.mark.wire("openai", "create_a_thread_message", "text as string or part; every key is answered")
    @pytest.mark.parametrize("content", ["hi", [{"type": "text", "text": "hi"}]])
    def test_a_text(self, api: ApiClient, thread: str, content: object):
        sent = {"role": "user", "content": content, "metadata": {"k": "v"}}
        message = api.post(f"{thread}/messages", sent).json()
        assert message | {"id": 0, "created_at": 0, "completed_at": 0} == {
            "id": 0,
            "object": "thread.message",
            "created_at": 0,
            "thread_id": thread.rpartition("/")[2],
            "status": "completed",
            "incomplete_details": None,
            "completed_at": 0,
            "incomplete_at": None,
            "role": "user",
            "content": [{"type": "text", "text": {"value": "hi", "annotations": []}}],
            "assistant_id": None,
            "run_id": None,
            "attachments": [],
            "metadata": {"k": "v"},
        }
        assert api.get(f"{thread}/messages/{message['id']}").json() == message

    @pytest.mark.parametrize("content", ["", [{"type": "text", "text": ""}]])
    def test_no_text(self, api: ApiClient, thread: str, content: object):
        message = api.post(f"{thread}/messages", {"role": "user", "content": content}).json()
        assert api.get(f"{thread}/messages/{message['id']}").json() == message

    @pytest.mark.wire(
        "openai", "create_a_thread_message", "images and attachments come back as they were sent"
    )
    def test_images_and_attachments(self, api: ApiClient, thread: str):
        content = [
            {"type": "text", "text": "see"},
            {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}},
            {"type": "image_file", "image_file": {"file_id": "file-1", "detail": "auto"}},
        ]
        files = [{"file_id": "file-2", "tools": [{"type": "file_search"}]}]
        sent = {"role": "user", "content": content, "attachments": files}
        message = api.post(f"{thread}/messages", sent).json()
        assert message["content"][1:] == content[1:]
        assert message["attachments"] == files
        [item] = api.get(f"{thread.replace('threads', 'conversations')}/items").json()["data"]
        kinds = ["input_text", "input_image", "input_image", "input_file"]
        assert [part["type"] for part in item["content"]] == kinds

    @pytest.mark.wire(
        "openai", "create_a_thread_message", "400 for another role, no content, or a locked thread"
    )
    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({"role": "tool", "content": "x"}, "role"),
            ({"role": "user"}, "content"),
            ({"role": "user", "content": None}, "content"),
            ({"role": "user", "content": []}, "content"),
            ({"role": "user", "content": [5]}, "content[0]"),
            ({"role": "user", "content": [{"type": "sound"}]}, "content[0]"),
            ({"role": "user", "content": "x", "metadata": {"k": 1}}, "metadata.k"),
        ],
    )
    def test_what_it_refuses(self, api: ApiClient, thread: str, body: object, param: str):
        status, kind, at, _ = error(api.post(f"{thread}/messages", body))
        assert (status, kind, at) == (400, "invalid_request_error", param)

    def test_a_run_holds_the_thread(self, api: ApiClient, thread: str, run: str):
        refused = api.post(f"{thread}/messages", {"role": "user", "content": "x"})
        assert error(refused)[::3] == (400, "conversation_locked")

    @pytest.mark.wire(
        "openai", "list_thread_messages", "newest first; after, before and run_id; exact has_more"
    )
    def test_pages(self, api: ApiClient, thread: str):
        sent = [api.post(f"{thread}/messages", {"role": "user", "content": str(n)}).json() for n in range(5)]
        newest = sent[::-1]
        page = api.get(f"{thread}/messages?limit=2").json()
        assert (page["data"], page["has_more"]) == (newest[:2], True)
        rest = api.get(f"{thread}/messages?limit=3&after={page['last_id']}").json()
        assert (rest["data"], rest["has_more"]) == (newest[2:], False)
        back = api.get(f"{thread}/messages?limit=1&before={newest[2]['id']}").json()
        assert (back["data"], back["has_more"]) == (newest[1:2], True)
        assert api.get(f"{thread}/messages?order=asc&limit=1").json()["data"] == sent[:1]
        assert api.get(f"{thread}/messages?run_id=run_x").json()["data"] == []

    @pytest.mark.wire("openai", "list_thread_messages", "calls and results are stepped over: they are steps")
    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_what_runs_do_is_stepped_over(
        self, api: ApiClient, acme: Tenant, order: str, thread: str, run: str
    ):
        for number in range(30):
            act(acme, run, parts=called(f"c{number}"))
        last = act(acme, run, content="done")
        page = api.get(f"{thread}/messages?limit=1&order={order}").json()
        assert [message["id"] for message in page["data"]] == [last]
        assert page["data"][0]["assistant_id"] == "support"

    @pytest.mark.wire("openai", "get_a_thread_message", "a call is none; another thread's neither")
    def test_what_is_no_message(self, api: ApiClient, acme: Tenant, thread: str, run: str):
        call = act(acme, run, parts=called("c"))
        assert error(api.get(f"{thread}/messages/{call}"))[0] == 404
        assert error(api.get(f"{thread}/messages/{acme.question.pk}"))[0] == 404

    @pytest.mark.wire("openai", "modify_a_thread_message", "metadata is replaced")
    def test_changes(self, api: ApiClient, thread: str):
        sent = {"role": "user", "content": "x", "metadata": {"a": "1"}}
        message = api.post(f"{thread}/messages", sent).json()
        path = f"{thread}/messages/{message['id']}"
        assert api.post(path, {"metadata": {"b": "2"}}).json() == message | {"metadata": {"b": "2"}}
        assert api.post(path, {}).json()["metadata"] == {"b": "2"}

    @pytest.mark.wire("openai", "delete_a_thread_message", "answers a deletion object")
    def test_delete(self, api: ApiClient, thread: str):
        message_id = api.post(f"{thread}/messages", {"role": "user", "content": "x"}).json()["id"]
        gone = {"id": message_id, "object": "thread.message.deleted", "deleted": True}
        assert api.delete(f"{thread}/messages/{message_id}").json() == gone
        assert error(api.delete(f"{thread}/messages/{message_id}"))[0] == 404


class TestRuns:
    @pytest.mark.wire("openai", "create_an_assistants_run", "queued, with all that it was asked for")
    def test_a_run(self, api: ApiClient, thread: str):
        asked = {
            "assistant_id": "support",
            "model": "m",
            "instructions": "Be brief.",
            "additional_instructions": "Be kind.",
            "additional_messages": [{"role": "user", "content": "hi"}],
            "tools": [{"type": "function", "function": {"name": "find"}}],
            "metadata": {"release": "7"},
            "temperature": 0.5,
            "max_completion_tokens": 100,
            "tool_choice": "required",
            "parallel_tool_calls": False,
        }
        run = api.post(f"{thread}/runs", asked).json()
        shown = {name: run[name] for name in asked if name in run}
        assert shown == {name: asked[name] for name in shown} | {"instructions": "Be brief.\nBe kind."}
        assert (run["status"], run["object"], run["required_action"]) == ("queued", "thread.run", None)
        assert api.get(f"{thread}/runs/{run['id']}").json() == run
        assert len(api.get(f"{thread}/messages").json()["data"]) == 1
        assert error(api.post(f"{thread}/runs", {"assistant_id": "b"}))[::3] == (400, "conversation_locked")

    @pytest.mark.wire(
        "openai", "create_an_assistants_run", "a run without an assistant, or as a stream, is 400"
    )
    @pytest.mark.parametrize(
        ("body", "param"),
        [
            ({}, "assistant_id"),
            ({"assistant_id": "a", "stream": True}, "stream"),
            ({"assistant_id": "a", "tool_choice": 5}, "tool_choice"),
            ({"assistant_id": "a", "response_format": []}, "response_format"),
        ],
    )
    def test_what_it_refuses(self, api: ApiClient, thread: str, body: object, param: str):
        assert error(api.post(f"{thread}/runs", body))[::2] == (400, param)
        assert api.get(f"{thread}/runs").json()["data"] == []

    @pytest.mark.wire(
        "openai", "create_an_assistants_thread_and_run", "a thread with its messages, and a run"
    )
    def test_a_thread_and_a_run(self, api: ApiClient):
        thread = {"messages": [{"role": "user", "content": "hi"}], "metadata": {"k": "v"}}
        run = api.post(f"{THREADS}/runs", {"assistant_id": "a", "thread": thread}).json()
        path = f"{THREADS}/{run['thread_id']}"
        assert api.get(path).json()["metadata"] == {"k": "v"}
        assert len(api.get(f"{path}/messages").json()["data"]) == 1

    @pytest.mark.wire("openai", "list_assistants_runs", "newest first, by after and before")
    def test_pages(self, api: ApiClient, thread: str):
        runs = []
        for _ in range(3):
            runs.append(api.post(f"{thread}/runs", {"assistant_id": "a"}).json()["id"])
            api.post(f"{thread}/runs/{runs[-1]}/cancel")
        page = api.get(f"{thread}/runs?limit=2").json()
        assert ([each["id"] for each in page["data"]], page["has_more"]) == (runs[:0:-1], True)
        rest = api.get(f"{thread}/runs?after={page['last_id']}").json()
        assert [each["id"] for each in rest["data"]] == runs[:1]

    @pytest.mark.wire("openai", "get_an_assistants_run", "requires_action while calls of functions wait")
    def test_it_requires_action(self, api: ApiClient, acme: Tenant, run: str):
        act(acme, run, parts=called("c0", "c1"))
        shown = api.get(run).json()
        assert shown["status"] == "requires_action"
        calls = shown["required_action"]["submit_tool_outputs"]["tool_calls"]
        assert calls[0] == {
            "id": "c0",
            "type": "function",
            "function": {"name": "find", "arguments": '{"n":1}'},
        }
        assert [call["id"] for call in calls] == ["c0", "c1"]

    @pytest.mark.wire(
        "openai", "submit_tool_outputs_to_an_assistants_run", "stored as results of the run; all or none"
    )
    def test_tools_answer(self, api: ApiClient, acme: Tenant, thread: str, run: str):
        act(acme, run, parts=called("c0", "c1"))
        outputs = [{"tool_call_id": f"c{n}", "output": str(n)} for n in range(2)]
        for wrong in (outputs[:1], [*outputs, outputs[0]], [{"tool_call_id": "x", "output": ""}], []):
            refused = api.post(f"{run}/submit_tool_outputs", {"tool_outputs": wrong})
            assert error(refused)[2] == "tool_outputs"
        answered = api.post(f"{run}/submit_tool_outputs", {"tool_outputs": outputs}).json()
        assert (answered["status"], answered["required_action"]) == ("in_progress", None)
        assert api.get(run).json() == answered
        thread_id = thread.rpartition("/")[2]
        rows = api.get(f"/api/v1/conversations/{thread_id}/messages?limit=9").json()["data"]
        results = [row for row in rows if row["role"] == "tool"]
        assert {row["meta_data"]["tool_call_id"]: row["content"] for row in results} == {"c0": "0", "c1": "1"}
        again = api.post(f"{run}/submit_tool_outputs", {"tool_outputs": outputs})
        assert error(again)[0] == 400

    @pytest.mark.wire("openai", "cancel_an_assistants_run", "unlocks the thread; a run that has ended is 400")
    def test_cancel(self, api: ApiClient, thread: str, run: str):
        cancelled = api.post(f"{run}/cancel").json()
        assert cancelled["status"] == "cancelled"
        assert cancelled["cancelled_at"]
        assert api.post(f"{thread}/messages", {"role": "user", "content": "x"}).status_code == 200
        outputs: dict[str, Any] = {"tool_outputs": []}
        assert error(api.post(f"{run}/submit_tool_outputs", outputs))[::3] == (400, "run_ended")

    @pytest.mark.wire("openai", "modify_an_assistants_run", "metadata is added")
    def test_changes(self, api: ApiClient, run: str):
        assert api.post(run, {"metadata": {"a": "1"}}).json()["metadata"] == {"a": "1"}
        assert api.get(run).json()["metadata"] == {"a": "1"}


class TestSteps:
    @pytest.mark.wire("openai", "list_assistants_run_steps", "a message or calls with their outputs, derived")
    def test_steps(self, api: ApiClient, acme: Tenant, run: str):
        first = act(acme, run, parts=[{"type": "text", "text": "Let me look."}, *called("c")])
        before = api.get(f"{run}/steps?order=asc").json()["data"]
        assert [(step["type"], step["status"]) for step in before] == [
            ("message_creation", "completed"),
            ("tool_calls", "in_progress"),
        ]
        api.post(f"{run}/submit_tool_outputs", {"tool_outputs": [{"tool_call_id": "c", "output": "42"}]})
        last = act(acme, run, content="done")
        steps = api.get(f"{run}/steps?order=asc").json()["data"]
        created = [step["step_details"].get("message_creation") for step in steps]
        assert created == [{"message_id": first}, None, {"message_id": last}]
        [call] = steps[1]["step_details"]["tool_calls"]
        assert (call["id"], call["function"]["output"], steps[1]["status"]) == ("c", "42", "completed")
        newest = api.get(f"{run}/steps?limit=2").json()
        assert (newest["data"], newest["has_more"]) == (steps[:0:-1], True)
        rest = api.get(f"{run}/steps?after={newest['last_id']}").json()
        assert (rest["data"], rest["has_more"]) == (steps[:1], False)

    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_pages_between_two_steps(self, api: ApiClient, acme: Tenant, run: str, order: str):
        for number in range(5):
            act(acme, run, content=f"{number}")
        every = api.get(f"{run}/steps?order={order}").json()["data"]
        first, second, _, fourth, last = (step["id"] for step in every)
        expected: dict[str, tuple[list[dict[str, Any]], bool]] = {
            "limit=2": (every[:2], True),
            f"after={first}&limit=2": (every[1:3], True),
            f"before={last}&limit=2": (every[2:4], True),
            f"after={first}&before={fourth}": (every[1:3], False),
            f"after={fourth}&before={second}": ([], False),
            f"after={last}": ([], False),
            f"before={first}": ([], False),
        }
        for query, (data, has_more) in expected.items():
            page = api.get(f"{run}/steps?order={order}&{query}").json()
            assert (page["data"], page["has_more"]) == (data, has_more), query
        for end in ("after", "before"):
            assert error(api.get(f"{run}/steps?{end}=step_x"))[::3] == (404, "step_not_found")

    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_a_page_ends_before_the_bytes_that_one_holds(
        self, api: ApiClient, acme: Tenant, run: str, order: str, settings: Any
    ):
        for number in range(5):
            act(acme, run, parts=called(f"c{number}"))
            output = {"tool_call_id": f"c{number}", "output": "x" * 1_000}
            assert api.post(f"{run}/submit_tool_outputs", {"tool_outputs": [output]}).status_code == 200
        every = api.get(f"{run}/steps?order={order}").json()["data"]
        settings.PARLEY = {"PAGE_BYTES": 4_000}
        first = api.get(f"{run}/steps?order={order}").json()
        assert (first["data"], first["has_more"]) == (every[:2], True)
        assert api.get(f"{run}/steps?order={order}&after={every[2]['id']}").json()["data"] == every[3:]

    @pytest.mark.wire("openai", "get_an_assistants_run_step", "one step, and 404 for another")
    def test_one(self, api: ApiClient, acme: Tenant, run: str):
        act(acme, run, content="done")
        [step] = api.get(f"{run}/steps").json()["data"]
        assert api.get(f"{run}/steps/{step['id']}").json() == step
        assert error(api.get(f"{run}/steps/step_x"))[::3] == (404, "step_not_found")


@pytest.mark.parametrize("annotations", [1e308, True, {"a": 1}, [[1]], [{"type": []}]])
def test_annotations_that_are_none_do_not_hide_a_message(api: ApiClient, thread: str, annotations: object):
    text = {"type": "output_text", "text": "Yes", "annotations": annotations}
    items = f"/openai/v1/conversations/{thread.rsplit('/', 1)[1]}/items"
    assert api.post(items, {"items": [{"role": "assistant", "content": [text]}]}).status_code == 200
    [message] = api.get(f"{thread}/messages").json()["data"]
    assert message["content"] == [{"type": "text", "text": {"value": "Yes", "annotations": []}}]


@pytest.mark.parametrize("path", ["threads/runs", "threads/{}/runs"])
def test_messages_are_stored_with_their_run_or_not_at_all(api: ApiClient, acme: Tenant, monkeypatch, path):
    monkeypatch.setattr(Run, "save", Mock(side_effect=OperationalError))
    api.client.raise_request_exception = False
    message = {"role": "user", "content": "x"}
    body = {"assistant_id": "a", "thread": {"messages": [message]}, "additional_messages": [message]}
    before = state(acme.workspace.pk)
    assert api.send("POST", f"/openai/v1/{path.format(acme.conversation.pk)}", body).status_code == 503
    assert state(acme.workspace.pk) == before
