"""/v1/threads/{thread_id}/runs: the ledger, and the lock that a run holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from messaging.models import Conversation, Run
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

USAGE = {"prompt_tokens": 310, "completion_tokens": 42, "total_tokens": 352}


@pytest.fixture
def runs(thread: str) -> str:
    return f"/v1/threads/{thread}/runs"


def expire(run: str) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert Run.objects.filter(pk=run.split("/")[-1]).update(expires_at=past) == 1


@pytest.mark.wire("seekrflow", "create_run", "locks the thread; queued, with the group it was given")
def test_a_run_locks_its_thread(api: ApiClient, thread: str, runs: str):
    answer = api.post(runs, {"agent_id": "support", "group": "night"}).json()
    assert answer == {
        "run_id": answer["run_id"],
        "thread_id": thread,
        "status": "queued",
        "group": "night",
    }
    locked = api.get(f"/v1/threads/{thread}").json()
    assert (locked["status"], locked["active_run_id"]) == ("locked", answer["run_id"])


@pytest.mark.wire("seekrflow", "create_run", "defaults of the vendor; settings outside their bounds are 422")
def test_defaults_and_bounds(api: ApiClient, runs: str):
    for settings in ({"temperature": 2.1}, {"top_p": -0.1}, {"presence_penalty": 3}, {"max_tokens": "x"}):
        assert api.post(runs, {"model_settings": settings}).status_code == 422
    assert api.post(runs, {"metadata": {"a": 1}}).status_code == 422
    schema = {"json_schema": {"type": "object"}}
    given = {"model_settings": {"temperature": 0.5, "max_tokens": 9}, "response_format": schema}
    run = api.get(f"{runs}/{api.post(runs, given).json()['run_id']}").json()
    assert (run["agent_id"], run["temperature"], run["top_p"]) == ("default_agent", 0.5, 1.0)
    assert (run["max_completion_tokens"], run["response_format"]) == (9, schema)
    assert (run["model"], run["parallel_tool_calls"], run["tool_choice"]) == ("", True, "auto")


@pytest.mark.wire("seekrflow", "create_run", "one active run a thread: a second is 409")
def test_a_second_run_is_409(api: ApiClient, runs: str, run: str):
    assert api.post(runs, {}).status_code == 409
    assert [row["status"] for row in api.get(runs).json()] == ["queued"]


@pytest.mark.wire("seekrflow", "create_message", "409 while a run holds the thread, through either wire")
def test_nobody_else_writes_while_the_run_does(api: ApiClient, say, runs: str, thread: str):
    message = say()["id"]
    api.post(runs, {})
    path = f"/v1/threads/{thread}/messages"
    refused = [
        api.post(path, {"role": "user", "content": "x"}),
        api.patch(f"{path}/{message}", {"content": "x"}),
        api.delete(f"{path}/{message}"),
        api.post("/api/v1/messages", {"conversation_id": thread, "content": {"content": "x"}}),
        api.post(f"/api/v1/conversations/{thread}/messages", {"content": "x"}),
        api.put(f"/api/v1/messages/{message}", {"content": "x"}),
        api.delete(f"/api/v1/messages/{message}"),
    ]
    assert [response.status_code for response in refused] == [409] * len(refused)
    assert [row["content"] for row in api.get(path).json()] == ["hi"]
    assert api.get(f"/api/v1/conversations/{thread}").json()["message_count"] == 1


def test_a_refused_write_can_be_repeated_when_the_run_has_ended(api: ApiClient, run: str, thread: str):
    body = {"id": "5d0c", "role": "user", "content": "hi"}
    path = f"/v1/threads/{thread}/messages"
    assert api.post(path, body).status_code == 409
    api.post(f"{run}/cancel", {})
    assert api.post(path, body).status_code == 200


@pytest.mark.wire("seekrflow", "create_run_message", "assistant and tool; agent_id and run_id are the run's")
def test_the_run_writes(api: ApiClient, act, run: str, thread: str):
    said, answered = act(content="Let me look."), act("tool", content="found")
    assert (said["agent_id"], said["run_id"], said["role"]) == ("support", run.split("/")[-1], "assistant")
    assert [row["id"] for row in api.get(f"{run}/messages").json()] == [answered["id"], said["id"]]
    assert [row["id"] for row in api.get(f"/v1/threads/{thread}/messages?agent_id=support").json()] == [
        answered["id"],
        said["id"],
    ]
    for body in ({"role": "user", "content": "x"}, {"role": "assistant"}, {"role": "tool", "parts": []}):
        assert api.post(f"{run}/messages", body).status_code == 422


@pytest.mark.wire("seekrflow", "get_run", "queued, then running, then ended, each with its time")
def test_the_life_of_a_run(api: ApiClient, act, run: str, thread: str):
    queued = api.get(run).json()
    act(content="a")
    running = api.get(run).json()
    ended = api.patch(run, {"status": "completed", "usage": USAGE, "model": "m", "tools": [{}]}).json()
    assert [row["status"] for row in (queued, running, ended)] == ["queued", "running", "completed"]
    assert [row["is_active"] for row in (queued, running, ended)] == [True, True, False]
    assert queued["started_at"] is None
    assert queued["expires_at"] < running["expires_at"]
    assert running["started_at"] < ended["completed_at"]
    assert (ended["usage"], ended["model"], ended["tools"]) == (USAGE, "m", [{}])
    assert api.get(run).json() == ended
    assert api.get(f"/v1/threads/{thread}").json()["status"] == "available"


@pytest.mark.wire("seekrflow", "update_run", "the same end can be told again, another cannot")
@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_an_end_is_final(api: ApiClient, run: str, runs: str, status: str):
    first = api.patch(run, {"status": status}).json()
    assert first[f"{status}_at"]
    successor = api.post(runs, {}).json()["run_id"]
    again = api.patch(run, {"status": status, "usage": USAGE, "meta_data": {"late": 1}}).json()
    assert again == first | {"usage": USAGE, "meta_data": {"late": 1}}
    for other in {"running", "completed", "failed", "cancelled"} - {status}:
        assert api.patch(run, {"status": other}).status_code == 409
    assert api.post(f"{run}/messages", {"role": "assistant", "content": "x"}).status_code == 409
    assert api.get(runs.removesuffix("/runs")).json()["active_run_id"] == successor


@pytest.mark.wire("seekrflow", "update_run", "writing and ending a run take the agent permission")
def test_permissions(client_with, run: str):
    user = client_with("read", "write")
    assert user.patch(run, {"status": "completed"}).status_code == 403
    assert user.post(f"{run}/messages", {"role": "assistant", "content": "x"}).status_code == 403
    assert user.post(f"{run}/cancel", {}).status_code == 200
    assert client_with("read").post(f"{run}/cancel", {}).status_code == 403


@pytest.mark.wire("seekrflow", "cancel_run", "canceled in the answer, cancelled in the run; at any moment")
@pytest.mark.parametrize("has_started", [False, True])
def test_cancel(api: ApiClient, act, run: str, thread: str, has_started: bool):
    if has_started:
        act(content="a")
    for body in ({"agent_id": "support", "group": None}, None):  # to repeat it is no error
        assert api.post(f"{run}/cancel", body).json() == {"status": "canceled", "run_id": run.split("/")[-1]}
    assert api.get(run).json()["status"] == "cancelled"
    assert api.get(f"/v1/threads/{thread}").json()["status"] == "available"


def test_what_has_ended_cannot_be_cancelled(api: ApiClient, run: str):
    api.patch(run, {"status": "completed"})
    assert api.post(f"{run}/cancel", {}).status_code == 409


WRITERS = [
    ("POST", "/v1/threads/{}/messages", {"role": "user", "content": "x"}, 200),
    ("POST", "/v1/threads/{}/runs", {}, 200),
    ("POST", "/api/v1/messages", {"conversation_id": "{}", "content": {"content": "x"}}, 201),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), WRITERS)
@pytest.mark.wire("seekrflow", "create_run", "past expires_at it is failed and unlocked by the next writer")
def test_the_next_writer_fails_a_stale_run(api: ApiClient, run: str, thread: str, method, path, body, status):
    expire(run)
    if "conversation_id" in body:
        body = body | {"conversation_id": thread}
    assert api.call(method, path.format(thread), body).status_code == status
    failed = api.get(run).json()
    assert (failed["status"], bool(failed["failed_at"])) == ("failed", True)


def test_a_stale_run_writes_no_more(api: ApiClient, run: str):
    expire(run)
    assert api.post(f"{run}/messages", {"role": "assistant", "content": "x"}).status_code == 409
    assert api.patch(run, {"status": "completed"}).status_code == 409


def test_the_command_fails_stale_runs(api: ApiClient, run: str, thread: str, capsys):
    call_command("fail_stale_runs")
    assert api.get(run).json()["status"] == "queued"
    expire(run)
    call_command("fail_stale_runs")
    assert capsys.readouterr().out == "Failed 0 runs.\nFailed 1 runs.\n"
    assert api.get(run).json()["status"] == "failed"
    assert api.get(f"/v1/threads/{thread}").json()["status"] == "available"


@pytest.mark.wire("seekrflow", "list_runs", "a bare array, newest first, cut by limit and offset")
def test_the_list_of_runs(api: ApiClient, runs: str):
    made = []
    for _ in range(3):
        made.append(api.post(runs, {}).json()["run_id"])
        api.post(f"{runs}/{made[-1]}/cancel", {})
    assert [row["id"] for row in api.get(runs).json()] == made[::-1]
    assert [row["id"] for row in api.get(f"{runs}?order=asc&limit=1&offset=1").json()] == [made[1]]


def test_a_strangers_run_is_an_absent_run(api: ApiClient, stranger: ApiClient, run: str, acme: Tenant):
    message = {"role": "assistant", "content": "x"}
    calls: list[tuple[str, str, Any]] = [
        ("GET", "", None),
        ("PATCH", "", {}),
        ("POST", "/cancel", {}),
        ("GET", "/messages", None),
    ]
    for method, path, body in [*calls, ("POST", "/messages", message)]:
        foreign = stranger.call(method, run + path, body)
        absent = stranger.call(method, "/v1/threads/a/runs/b" + path, body)
        elsewhere = api.call(method, f"/v1/threads/{acme.conversation.pk}/runs/{run[-30:]}{path}", body)
        assert (foreign.status_code, foreign.content) == (404, absent.content)
        assert elsewhere.status_code == 404


@pytest.mark.parametrize("holder", ["absent", "ended", "elsewhere"])
@pytest.mark.parametrize(("method", "path", "body", "status"), WRITERS)
def test_a_lock_that_no_active_run_holds_gives_way(
    api: ApiClient, acme: Tenant, thread: str, method, path, body, status, holder: str
):
    """Rows may be restored, or deleted by hand: no lock outlives what could release it."""
    name = "run_absent"
    if holder != "absent":
        other = acme.conversation.pk if holder == "elsewhere" else thread
        name = api.post(f"/v1/threads/{other}/runs", {}).json()["run_id"]
        if holder == "ended":
            api.post(f"/v1/threads/{thread}/runs/{name}/cancel", {})
    Conversation.objects.filter(pk=thread).update(active_run=name)
    if "conversation_id" in body:
        body = body | {"conversation_id": thread}
    assert api.call(method, path.format(thread), body).status_code == status
    assert Conversation.objects.get(pk=thread).active_run != name
