"""POST /api/v1/messages with several messages: their order, and all or nothing."""

from collections.abc import Sequence

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient


def post(api: ApiClient, acme: Tenant, messages: Sequence[object]):
    return api.post("/api/v1/messages", {"conversation_id": acme.conversation.pk, "content": messages})


@pytest.mark.wire("mielto", "create_message", "the answer is in the order of the batch")
def test_they_come_back_in_their_order(api: ApiClient, acme: Tenant):
    texts = [f"text {number}" for number in range(20)]
    rows = post(api, acme, [{"content": text} for text in texts]).json()
    assert [row["content"] for row in rows] == texts


@pytest.mark.wire("mielto", "list_messages", "messages of one moment keep the order of their batch")
def test_they_are_listed_in_their_order(api: ApiClient, acme: Tenant):
    rows = post(api, acme, [{"content": "call"}, {"content": "result"}]).json()
    assert rows[0]["created_at"] == rows[1]["created_at"]
    newest_first = api.get("/api/v1/messages?limit=2").json()["data"]
    assert newest_first == [rows[1], rows[0]]


def test_seq_counts_on_behind_what_is_there(api: ApiClient, acme: Tenant):
    rows = post(api, acme, [{"content": "a"}, {"content": "b"}]).json()
    assert [Message.objects.get(pk=row["id"]).seq for row in rows] == [3, 4]


@pytest.mark.wire("mielto", "create_message", "one invalid item stores nothing, and loc names its index")
@pytest.mark.parametrize("bad", [{}, {"content": 1}, {"content": "x", "sender_id": "x" * 256}, None])
def test_one_invalid_item_stores_nothing(api: ApiClient, acme: Tenant, bad):
    response = post(api, acme, [{"content": "good"}, bad, {"content": "good"}])
    assert response.status_code == 422
    assert any(1 in problem["loc"] for problem in response.json()["detail"])
    assert not Message.objects.filter(content="good").exists()
    assert Conversation.objects.get(pk=acme.conversation.pk).last_seq == 2


@pytest.mark.wire("mielto", "create_message", "text that cannot be stored refuses the whole batch")
@pytest.mark.parametrize("bad", ["\\u0000", "\\ud800", "\\udc00 \\ud800"])
def test_unstorable_text_stores_nothing(api: ApiClient, acme: Tenant, bad):
    messages = f'[{{"content": "a"}}, {{"content": "{bad}"}}]'
    body = f'{{"conversation_id": "{acme.conversation.pk}", "content": {messages}}}'
    response = api.post("/api/v1/messages", body)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "content", 1, "content"]
    assert Conversation.objects.get(pk=acme.conversation.pk).last_seq == 2


@pytest.mark.wire("mielto", "create_message", "at most 1,000 messages a call")
def test_a_thousand_messages_are_taken(api: ApiClient, acme: Tenant):
    rows = post(api, acme, [{"content": str(number)} for number in range(1_000)]).json()
    assert [row["content"] for row in rows] == [str(number) for number in range(1_000)]
    assert Conversation.objects.get(pk=acme.conversation.pk).message_count == 1_002


@pytest.mark.wire("mielto", "create_message", "1,001 messages in a call are 422")
def test_one_more_is_refused(api: ApiClient, acme: Tenant):
    response = post(api, acme, [{"content": ""}] * 1_001)
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == "too_long"
    assert Conversation.objects.get(pk=acme.conversation.pk).message_count == 2


def test_an_empty_batch_changes_nothing(api: ApiClient, acme: Tenant):
    response = post(api, acme, [])
    assert (response.status_code, response.json()) == (201, [])
    assert Conversation.objects.get(pk=acme.conversation.pk).updated_at == acme.conversation.updated_at


def test_an_empty_batch_for_an_unknown_conversation_is_not_found(api: ApiClient):
    body = {"conversation_id": "conv_unknown", "content": []}
    assert api.post("/api/v1/messages", body).status_code == 404


def test_large_and_small_messages_lie_side_by_side(api: ApiClient, acme: Tenant):
    contents = ["small", "large ".ljust(40_000, "x"), "small", "tail".rjust(40_000)]
    content = [{"content": text, "tags": ["t"], "meta_data": {"n": 1.5}} for text in contents]
    rows = post(api, acme, content).json()
    stored = api.get(f"/api/v1/messages?conversation_id={acme.conversation.pk}&tags=t&order_direction=asc")
    assert [row["content"] for row in rows] == contents
    assert stored.json()["data"] == rows
    found = api.get("/api/v1/messages?search=large").json()["data"]
    assert [row["id"] for row in found] == [rows[1]["id"]]
