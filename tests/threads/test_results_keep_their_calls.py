"""A result keeps its call on every wire: Mielto reads what the parts say of it among the meta data."""

from collections.abc import Callable
from typing import Any

import pytest

from messaging.index.filters import Pairs
from messaging.models import Conversation, Message
from messaging.services import (
    MessageDraft,
    Writer,
    create_conversation,
    delete_conversation,
    redact_messages,
)
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import exported, imported

pytestmark = pytest.mark.django_db


def result(call_id: str | None, output: Any = "ok", **fields: Any) -> dict[str, Any]:
    return {"type": "tool-result", "tool_name": "find", "tool_call_id": call_id, "output": output} | fields


ONE = {"tool_call_id": "a", "name": "find", "is_error": False}
BOTH = [ONE | {"output": "1"}, {"tool_call_id": "b", "name": "find", "is_error": True, "output": "2"}]
TWO = [result("a", 1), result("b", 2, is_error=True)]
ERROR = {"type": "tool-error", "tool_name": "find", "tool_call_id": "c", "error_text": "no such field"}


@pytest.fixture
def mielto(api: ApiClient) -> Callable[..., Any]:
    """The message as Mielto reads it by itself, which must be as its list shows it."""

    def read(message: dict[str, Any]) -> Any:
        path = f"/api/v1/messages?conversation_id={message['thread_id']}"
        listed = {row["id"]: row for row in api.get(path).json()["data"]}
        alone = api.get(f"/api/v1/messages/{message['id']}").json()
        assert listed[message["id"]] == alone
        return alone

    return read


@pytest.mark.wire("mielto", "get_message", "a result of a run carries its call's id and name, and is_error")
def test_one_result(act, mielto):
    assert mielto(act(role="tool", parts=[result("a")]))["meta_data"] == ONE


@pytest.mark.wire("mielto", "list_messages", "several results of one message stand in meta_data.tool_results")
def test_several_results(act, mielto):
    message = mielto(act(role="tool", parts=TWO))
    assert (message["content"], message["meta_data"]) == ("1\n2", {"tool_results": BOTH})


def test_an_error_is_a_result(act, mielto):
    shown = mielto(act(role="tool", parts=[ERROR]))["meta_data"]
    assert shown == {"tool_call_id": "c", "name": "find", "is_error": True}


def test_results_of_an_assistant_are_listed(act, mielto):
    call = {"type": "tool-call", "tool_name": "find", "tool_call_id": "a", "args": {}}
    assert mielto(act(parts=[call, result("a")]))["meta_data"] == {"tool_results": [ONE | {"output": "ok"}]}


def test_a_large_result_shows_how_it_begins(act, mielto):
    shown = mielto(act(role="tool", parts=[result("a", "x" * 50_000), result("b")]))["meta_data"]
    assert [len(one["output"]) for one in shown["tool_results"]] == [256, 2]


def test_own_meta_data_stay_and_come_first(act, mielto):
    own = {"tool_call_id": "mine", "x": 1e16}
    message = act(role="tool", parts=[result("a")], meta_data=own)
    assert mielto(message)["meta_data"] == own | {"name": "find", "is_error": False}
    assert message["meta_data"] == own


def test_threads_show_their_own_alone(act):
    assert act(role="tool", parts=[result("a")])["meta_data"] == {}


@pytest.fixture
def free(api: ApiClient, run: str) -> Callable[[], None]:
    """Ends the run, so that others may write."""

    def end() -> None:
        api.post(f"{run}/cancel", {})

    return end


@pytest.mark.wire("mielto", "update_message", "meta data that were only shown are not stored when sent back")
def test_what_is_sent_back_is_not_stored(api: ApiClient, act, mielto, free):
    message = act(role="tool", parts=TWO, meta_data={"x": 1})
    free()
    shown = mielto(message)["meta_data"]
    body = {"meta_data": shown | {"y": 2}}
    assert api.put(f"/api/v1/messages/{message['id']}", body).json()["meta_data"] == shown | {"y": 2}
    assert Message.objects.get(pk=message["id"]).meta_data == {"x": 1, "y": 2}


@pytest.mark.wire("mielto", "list_messages", "meta_data.tool_call_id finds results of runs, one or several")
@pytest.mark.parametrize(("call_id", "found"), [("a", True), ("b", True), ("z", False)])
def test_the_filter_finds_them(api: ApiClient, act, call_id: str, found: bool):
    message = act(role="tool", parts=TWO)
    for also in ("", f"&conversation_id={message['thread_id']}"):
        listed = api.get(f"/api/v1/messages?meta_data.tool_call_id={call_id}{also}").json()
        assert [row["id"] for row in listed["data"]] == [message["id"]] * found
        assert listed["total_count"] == found
    path = f"/v1/threads/{message['thread_id']}/messages?meta_data.tool_call_id={call_id}"
    assert [row["id"] for row in api.get(path).json()] == [message["id"]] * found


@pytest.mark.parametrize(("key", "text", "found"), [("is_error", "true", True), ("name", "lose", False)])
def test_the_condition_by_value_agrees_with_the_keys(acme: Tenant, act, key: str, text: str, found: bool):
    act(role="tool", parts=TWO)
    asked = Pairs.of("meta_data", {key: text})
    assert Message.objects.narrow(asked).exists() is found
    assert Message.objects.for_workspace(acme.workspace.pk).narrow(asked).exists() is found


def test_a_correction_is_followed(api: ApiClient, act, mielto, free):
    message = act(role="tool", parts=[*TWO, ERROR])
    free()
    api.put(f"/api/v1/messages/{message['id']}", {"content": "corrected"})
    shown = mielto(message)["meta_data"]["tool_results"]
    assert [(one["tool_call_id"], one["output"]) for one in shown] == [
        ("a", "corrected"),
        ("c", "no such field"),
    ]
    assert api.get("/api/v1/messages?meta_data.tool_call_id=b").json()["data"] == []


def test_a_redacted_result_keeps_its_call_and_nothing_else(
    api: ApiClient, acme: Tenant, act, mielto, free, thread
):
    message = act(role="tool", parts=TWO)
    free()
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[message["id"]])
    shown = mielto(message)["meta_data"]
    assert [one | {"output": ""} for one in shown["tool_results"]] == [one | {"output": ""} for one in BOTH]
    assert {one["output"] for one in shown["tool_results"]} == {"[redacted]"}
    path = f"/v1/threads/{thread}/messages/{message['id']}?include_parts=true"
    parts = api.get(path).json()["parts"]
    assert [(part["tool_call_id"], part["output"]) for part in parts] == [
        ("a", "[redacted]"),
        ("b", "[redacted]"),
    ]


@pytest.mark.parametrize("is_redacted", [False, True])
def test_an_import_brings_them_back(acme: Tenant, act, mielto, free, is_redacted: bool):
    message = act(role="tool", parts=TWO)
    free()
    if is_redacted:
        redact_messages(workspace_id=acme.workspace.pk, message_ids=[message["id"]])
    before, source = mielto(message), exported(acme)
    for conversation in Conversation.objects.for_workspace(acme.workspace.pk):
        delete_conversation(workspace_id=acme.workspace.pk, conversation_id=conversation.pk)
    assert imported(acme, source)[1] == []
    assert mielto(message) == before


def test_a_host_without_a_run_writes_parts_too(acme: Tenant, api: ApiClient):
    draft = MessageDraft(role="tool", parts=[result("a"), result("b", "x" * 50_000)])
    conversation, [row] = create_conversation(workspace_id=acme.workspace.pk, writer=Writer(), drafts=[draft])
    [message] = api.get(f"/v1/threads/{conversation.pk}/messages?include_parts=true").json()
    assert [part["tool_call_id"] for part in message["parts"]] == ["a", "b"]
    assert row.derived_meta_data is not None
