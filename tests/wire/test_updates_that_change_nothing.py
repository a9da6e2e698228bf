"""An update that changes nothing is answered and touches nothing: no time, no list, no change, no signal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from messaging.models import ApiKey, Change, Conversation, Message, Webhook, Workspace
from messaging.services import change_further_workspaces, create_run, create_workspace, update_run
from messaging.services.rows import is_same
from messaging.signals import changed, message_updated
from tests.cast import Tenant
from tests.client import ApiClient

MODELS = (ApiKey, Conversation, Message, Webhook, Workspace)
MESSAGE = {
    "content": "first",
    "role": "assistant",
    "tool_calls": [{"id": "call_1", "function": {"name": "f", "arguments": "{}"}}],
    "tags": ["a", "b"],
    "meta_data": {"k": {"x": 1, "y": 2.5}, "z": None},
    "attachments": [{"url": "u"}],
    "sender_id": "ann",
    "parent_message_id": "p",
}
ITEMS = [{"type": "input_text", "text": "look"}, {"type": "input_text", "text": "here"}]


def stored() -> list[dict[str, Any]]:
    """Every column of what can be updated, and how many changes there are."""
    rows = [row for model in MODELS for row in model._default_manager.order_by("pk").values()]
    # The use of a key is noted by every request.
    return [{**row, "last_used_at": None} for row in rows] + [{"changes": Change.objects.count()}]


@contextmanager
def nothing_touched(django_capture_on_commit_callbacks: Any) -> Iterator[None]:
    """Fails where what it encloses stores, records or announces something."""
    told: list[object] = []

    def note(**details: object) -> None:
        told.append(details)

    before = stored()
    changed.connect(note)
    message_updated.connect(note)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            yield
    finally:
        changed.disconnect(note)
        message_updated.disconnect(note)
    assert (stored(), told) == (before, [])


@pytest.fixture
def untouched(django_capture_on_commit_callbacks: Any) -> Any:
    return lambda: nothing_touched(django_capture_on_commit_callbacks)


@pytest.fixture
def paths(api: ApiClient, acme: Tenant) -> dict[str, str]:
    """Something of each kind that can be updated, none of it with default values alone."""
    conversation = api.post(
        "/api/v1/conversations",
        {"title": "t", "summary": "s", "status": "ended", "meta_data": {"b": 1, "a": 2}},
    ).json()
    [message] = api.post(
        "/api/v1/messages", {"conversation_id": acme.conversation.pk, "content": MESSAGE}
    ).json()
    key = api.post("/api/v1/api-keys", {"label": "k", "permissions": ["write", "read"]}).json()
    webhook = api.post(
        "/api/v1/webhooks", {"url": "https://127.0.0.1/hook", "types": ["messages.created", "run.failed"]}
    ).json()
    return {
        "webhooks": f"/api/v1/webhooks/{webhook['id']}",
        "messages": f"/api/v1/messages/{message['id']}",
        "conversations": f"/api/v1/conversations/{conversation['id']}",
        "workspaces": f"/api/v1/workspaces/{acme.workspace.pk}",
        "api-keys": f"/api/v1/api-keys/{key['id']}",
    }


@pytest.mark.parametrize("kind", ["messages", "conversations", "workspaces", "api-keys", "webhooks"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_no_value_and_the_same_values(api: ApiClient, paths, untouched, kind, method):
    if (kind, method) == ("api-keys", "PATCH"):
        pytest.skip("keys have no PATCH")
    shown = api.get(paths[kind]).json()
    for body in ({}, {"colour": "red"}, {**shown, "colour": "red"}):
        with untouched():
            response = api.call(method, paths[kind], body)
        assert response.status_code == 200
        assert {**response.json(), "last_used_at": None} == {**shown, "last_used_at": None}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("conversations", {"meta_data": {"a": 2, "b": 1}}),
        ("conversations", {"status": None, "is_public": None}),
        ("api-keys", {"permissions": ["read", "write", "read"]}),
        ("webhooks", {"types": ["run.failed", "messages.created"], "paused": False}),
        ("messages", {"meta_data": {"z": None, "k": {"y": 2.5, "x": 1}}}),
    ],
    ids=[
        "the order of keys",
        "null where it means not given",
        "the order of a set",
        "the order of types",
        "keys further down",
    ],
)
def test_values_that_are_equal_as_the_wire_reads_them(api: ApiClient, paths, untouched, kind, body):
    with untouched():
        assert api.put(paths[kind], body).status_code == 200


def test_a_list_keeps_its_order(api: ApiClient, acme: Tenant):
    api.post("/api/v1/conversations", {"title": "newer"})
    before = api.get("/api/v1/conversations").json()
    api.patch(f"/api/v1/conversations/{acme.conversation.pk}", {"title": "acme opening hours"})
    assert api.get("/api/v1/conversations").json() == before


def test_one_new_value_beside_equal_ones_is_announced_alone(
    api: ApiClient, paths, django_capture_on_commit_callbacks
):
    told: list[Any] = []

    def note(**details: Any) -> None:
        told.append(details["changed"])

    message_updated.connect(note)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            api.put(paths["messages"], {**MESSAGE, "tags": ["c"]})
    finally:
        message_updated.disconnect(note)
    assert told == [["tags"]]


@pytest.mark.parametrize(
    ("stored", "given"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": None}, {}),
        ([1, 2], [2, 1]),
        ("e\u0301", "\u00e9"),
    ],
)
def test_what_json_tells_apart_is_a_change(stored, given):
    assert not is_same(stored, given)
    assert is_same(stored, stored)


def test_items_stay_where_their_text_is_sent_back(api: ApiClient, acme: Tenant, untouched):
    path = f"/v1/threads/{acme.conversation.pk}/messages"
    message = api.post(path, {"role": "user", "content": ITEMS}).json()
    shown = api.get(f"/api/v1/messages/{message['id']}").json()
    with untouched():
        assert api.put(f"/api/v1/messages/{message['id']}", shown).json() == shown
    assert api.get(f"{path}/{message['id']}").json()["content"] == ITEMS


def test_a_text_in_a_thread_takes_the_place_of_items_that_read_alike(api: ApiClient, acme: Tenant):
    path = f"/v1/threads/{acme.conversation.pk}/messages"
    message = api.post(path, {"role": "user", "content": ITEMS}).json()
    assert api.patch(f"{path}/{message['id']}", {"content": "look\nhere"}).json()["content"] == "look\nhere"
    assert api.get(f"{path}/{message['id']}").json()["content"] == "look\nhere"


@pytest.mark.parametrize(
    "body", [{}, {"content": None, "meta_data": None}, {"content": "acme: yes, from ten to four."}]
)
def test_nothing_is_refused_by_the_lock_of_a_run(api: ApiClient, acme: Tenant, untouched, body):
    create_run(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="a")
    for path in (
        f"/v1/threads/{acme.conversation.pk}/messages/{acme.reply.pk}",
        f"/api/v1/messages/{acme.reply.pk}",
    ):
        with untouched():
            assert api.patch(path, body).status_code == 200
        assert api.patch(path, {"content": "new"}).status_code == 409


def test_a_run_that_is_told_what_it_knows(acme: Tenant, untouched):
    names: Any = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
    names["run_id"] = create_run(**names, agent_id="a", meta_data={"k": 1}).pk
    update_run(**names, status="completed", changes={"model": "m"})
    with untouched():
        update_run(**names, status="completed", changes={"model": "m", "meta_data": {"k": 1}})


def test_workspaces_that_a_key_may_use_already(acme: Tenant, untouched):
    other = create_workspace(name="other")
    names: Any = {"workspace_id": acme.workspace.pk, "api_key_id": acme.api_key.pk}
    change_further_workspaces(**names, added_ids=[other.pk], removed_ids=[])
    with untouched():
        change_further_workspaces(**names, added_ids=[other.pk], removed_ids=[acme.workspace.pk])
