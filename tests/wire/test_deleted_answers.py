"""What is deleted does not come back from the answers kept for retries, and no retry makes it anew."""

from collections.abc import Callable
from typing import Any

import pytest

from messaging.models import IdempotencyRecord, Message
from messaging.services import delete_messages, delete_workspace
from messaging.services.retries.answers import FEW
from tests.cast import Tenant
from tests.client import ApiClient

SECRET = "my number is 4711"
MESSAGES = "/api/v1/messages"


def kept() -> bytes:
    """All that is kept of answers."""
    return b"".join(bytes(record.body or b"") for record in IdempotencyRecord.objects.all())


@pytest.fixture
def say(api: ApiClient, acme: Tenant) -> Callable[..., Any]:
    """Post secrets into acme's conversation under a key; the response."""

    def post(key: str = "k", count: int = 1, **headers: str) -> Any:
        body = {"conversation_id": acme.conversation.pk, "content": [{"content": SECRET}] * count}
        return api.post(MESSAGES, body, idempotency_key=key, **headers)

    return post


@pytest.mark.wire("mielto", "delete_message", "a repeat of the request that made the message is 404")
def test_a_deleted_message_is_not_replayed(api: ApiClient, say, acme: Tenant):
    [row] = say().json()
    api.delete(f"{MESSAGES}/{row['id']}")
    assert SECRET.encode() not in kept()
    repeat = say()
    told = {"detail": "What this request stored was deleted since; another key or id stores it again"}
    assert (repeat.status_code, repeat.json()) == (404, told)
    assert not Message.objects.filter(content=SECRET).exists()


def test_its_key_still_belongs_to_its_request(api: ApiClient, say):
    [row] = say().json()
    api.delete(f"{MESSAGES}/{row['id']}")
    assert api.post(MESSAGES, {"content": {"content": "else"}}, idempotency_key="k").status_code == 422


def test_one_message_of_a_batch_takes_the_answer_along(api: ApiClient, say):
    rows = say(count=3).json()
    api.delete(f"{MESSAGES}/{rows[1]['id']}")
    assert SECRET.encode() not in kept()
    assert say(count=3).status_code == 404


def test_other_answers_of_the_conversation_stay(api: ApiClient, say):
    [row], other = say("k").json(), say("other")
    api.delete(f"{MESSAGES}/{row['id']}")
    assert say("other").content == other.content


@pytest.mark.wire("mielto", "delete_conversation", "a repeat of a request that wrote into it is 404")
def test_nothing_of_a_deleted_conversation_is_replayed(api: ApiClient, acme: Tenant):
    body = {"title": SECRET, "messages": [{"content": SECRET}]}
    opened = api.post("/api/v1/conversations", body, idempotency_key="opened").json()
    path = f"/api/v1/conversations/{opened['id']}"
    api.post(f"{path}/messages", {"content": SECRET}, idempotency_key="written")
    api.delete(path)
    assert SECRET.encode() not in kept()
    assert api.post("/api/v1/conversations", body, idempotency_key="opened").status_code == 404
    assert api.post(f"{path}/messages", {"content": SECRET}, idempotency_key="written").status_code == 404


@pytest.mark.wire("seekrflow", "delete_message", "a repeat of the request that made the message is 404")
@pytest.mark.parametrize("names", [("key",), ("id",), ("key", "id")])
def test_a_deleted_thread_message_is_not_replayed(api: ApiClient, acme: Tenant, names: tuple[str, ...]):
    path = f"/v1/threads/{acme.conversation.pk}/messages"
    body = {"role": "user", "content": SECRET} | ({"id": "msg_of_the_sdk"} if "id" in names else {})
    headers = {"idempotency_key": "k"} if "key" in names else {}
    row = api.post(path, body, **headers).json()
    api.delete(f"{path}/{row['id']}")
    assert SECRET.encode() not in kept()
    assert api.post(path, body, **headers).status_code == 404
    assert not Message.objects.filter(content=SECRET).exists()


@pytest.mark.wire("seekrflow", "delete_thread", "a repeat of a request that wrote into it is 404")
def test_nothing_of_a_deleted_thread_is_replayed(api: ApiClient):
    body = {"meta_data": {"about": SECRET}}
    thread = api.post("/v1/threads", body, idempotency_key="opened").json()["id"]
    asked = {"agent_id": "support", "instructions": SECRET}
    api.post(f"/v1/threads/{thread}/runs", asked, idempotency_key="run")
    api.delete(f"/v1/threads/{thread}")
    assert SECRET.encode() not in kept()
    assert api.post("/v1/threads", body, idempotency_key="opened").status_code == 404
    assert api.post(f"/v1/threads/{thread}/runs", asked, idempotency_key="run").status_code == 404


@pytest.mark.parametrize("count", [1, FEW + 1])
def test_many_deleted_at_once_are_not_replayed_either(say, acme: Tenant, count: int):
    ids = [say(f"k{number}").json()[0]["id"] for number in range(count)]
    last = say("last")
    delete_messages(workspace_id=acme.workspace.pk, message_ids=ids)
    assert [say(f"k{number}").status_code for number in range(count)] == [404] * count
    assert say("last").content == last.content


@pytest.mark.wire("mielto", "delete_workspace", "a repeat of the request that made it is 404")
def test_a_deleted_workspace_is_not_replayed(api: ApiClient):
    body = {"name": SECRET}
    made = api.post("/api/v1/workspaces", body, idempotency_key="made").json()
    content = {"content": {"content": SECRET}}
    api.post(MESSAGES, content, idempotency_key="k", x_workspace_id=made["id"])
    delete_workspace(workspace_id=made["id"], force=True)
    assert SECRET.encode() not in kept()
    assert api.post("/api/v1/workspaces", body, idempotency_key="made").status_code == 404
    assert api.post(MESSAGES, content, idempotency_key="k", x_workspace_id=made["id"]).status_code == 404
