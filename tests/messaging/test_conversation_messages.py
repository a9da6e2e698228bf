"""GET and POST /api/v1/conversations/{conversation_id}/messages"""

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient


@pytest.fixture
def path(acme: Tenant) -> str:
    return f"/api/v1/conversations/{acme.conversation.pk}/messages"


@pytest.mark.wire("mielto", "list_conversation_messages", "a page object of MessageRead, newest first")
def test_its_messages_are_listed(api: ApiClient, acme: Tenant, path: str):
    api.post("/api/v1/messages", {"content": {"content": "elsewhere"}})
    page = api.get(path).json()
    assert [row["id"] for row in page["data"]] == [acme.reply.pk, acme.question.pk]
    assert (page["total_count"], page["limit"], page["has_more"]) == (2, 100, False)


@pytest.mark.wire("mielto", "list_conversation_messages", "the same rows as in the workspace's list")
def test_it_is_the_list_of_the_workspace_narrowed(api: ApiClient, acme: Tenant, path: str):
    wide = api.get(f"/api/v1/messages?conversation_id={acme.conversation.pk}").json()
    assert api.get(path).json() == wide


@pytest.mark.wire("mielto", "list_conversation_messages", "the filters of the workspace's list")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("role=assistant", "reply"),
        ("sender_id=acme-customer&role=user", "question"),
        ("search=FOUR", "reply"),
        ("order_direction=asc&limit=1", "question"),
        ("message_type=text&role=user", "question"),
    ],
)
def test_it_can_be_narrowed(api: ApiClient, acme: Tenant, path: str, query, expected):
    [row] = api.get(f"{path}?{query}").json()["data"]
    assert row["id"] == getattr(acme, expected).pk


def test_another_conversation_in_the_query_is_ignored(api: ApiClient, path: str, globex: Tenant):
    assert api.get(f"{path}?conversation_id={globex.conversation.pk}").json() == api.get(path).json()


def test_an_empty_conversation_has_an_empty_page(api: ApiClient):
    conversation_id = api.post("/api/v1/conversations", {}).json()["id"]
    page = api.get(f"/api/v1/conversations/{conversation_id}/messages").json()
    assert (page["data"], page["total_count"], page["has_more"]) == ([], 0, False)


@pytest.mark.wire("mielto", "list_conversation_messages", "an unknown conversation is 404")
@pytest.mark.parametrize("conversation_id", ["conv_unknown", "%00", "x" * 5_000])
def test_an_unknown_conversation_is_not_found(api: ApiClient, conversation_id):
    path = f"/api/v1/conversations/{conversation_id}/messages"
    for response in (api.get(path), api.post(path, {"content": "hi"})):
        assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})


@pytest.mark.wire("mielto", "create_conversation_message", "201 one MessageRead, not a list")
def test_one_message_is_answered_bare(api: ApiClient, path: str):
    response = api.post(path, {"role": "assistant", "content": "hi", "tags": ["t"]})
    assert response.status_code == 201
    assert (response.json()["role"], response.json()["content"]) == ("assistant", "hi")
    assert api.get(f"/api/v1/messages/{response.json()['id']}").json() == response.json()


def test_it_stands_behind_the_others(api: ApiClient, acme: Tenant, path: str):
    row = api.post(path, {"content": "hi"}).json()
    assert Message.objects.get(pk=row["id"]).seq == 3
    assert Conversation.objects.get(pk=acme.conversation.pk).message_count == 3


@pytest.mark.wire("mielto", "create_conversation_message", "a bad message is 422 and stores nothing")
@pytest.mark.parametrize(
    "body", [{}, {"content": 1}, [{"content": "hi"}], {"content": {"content": "hi"}}, "{"]
)
def test_a_bad_message_is_refused(api: ApiClient, acme: Tenant, path: str, body):
    assert api.post(path, body).status_code == 422
    assert Conversation.objects.get(pk=acme.conversation.pk).last_seq == 2


def test_a_conversation_of_another_workspace_is_not_found(api: ApiClient, globex: Tenant):
    path = f"/api/v1/conversations/{globex.conversation.pk}/messages"
    for response in (api.get(path), api.post(path, {"content": "hi"})):
        assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})
    assert Conversation.objects.get(pk=globex.conversation.pk).last_seq == 2
