"""Who sent a message that does not say so: message, x-user-id, conversation, key, nobody."""

from typing import Any

import pytest

from messaging.services import Writer, create_conversation
from tests.cast import Tenant
from tests.client import ApiClient


def sender(api: ApiClient, conversation_id: str, message: dict[str, Any], **headers: str) -> Any:
    body = {"conversation_id": conversation_id, "content": {"content": "hi"} | message}
    [row] = api.post("/api/v1/messages", body, **headers).json()
    return row["sender_id"]


@pytest.fixture
def nobodys(acme: Tenant) -> Any:
    """A conversation without an end user."""
    conversation, _ = create_conversation(workspace_id=acme.workspace.pk, writer=Writer())
    return conversation.pk


@pytest.mark.wire("mielto", "create_message", "sender_id of the message comes first")
def test_the_message_says_it(api: ApiClient, acme: Tenant):
    assert sender(api, acme.conversation.pk, {"sender_id": "ann"}, x_user_id="bob") == "ann"


@pytest.mark.wire("mielto", "create_message", "sender_id absent: x-user-id")
@pytest.mark.parametrize("message", [{}, {"sender_id": None}, {"sender_id": ""}])
def test_else_the_header(api: ApiClient, acme: Tenant, message):
    assert sender(api, acme.conversation.pk, message, x_user_id="bob") == "bob"


@pytest.mark.wire("mielto", "create_message", "sender_id absent: the conversation's user")
def test_else_the_user_of_the_conversation(api: ApiClient, acme: Tenant):
    assert sender(api, acme.conversation.pk, {}) == "acme-customer"


@pytest.mark.wire("mielto", "create_message", "sender_id absent: the key's owner")
def test_else_the_owner_of_the_key(api: ApiClient, nobodys: str):
    assert sender(api, nobodys, {}) == "acme-owner"


@pytest.mark.wire("mielto", "create_message", "sender_id absent everywhere: anonymous, never null")
def test_else_nobody(client_with, nobodys: str):
    assert sender(client_with("write"), nobodys, {}) == "anonymous"


@pytest.mark.wire("mielto", "create_conversation_message", "the same chain of senders")
def test_the_route_below_a_conversation_does_the_same(api: ApiClient, acme: Tenant):
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages"
    assert api.post(path, {"content": "hi"}).json()["sender_id"] == "acme-customer"
    assert api.post(path, {"content": "hi"}, x_user_id="bob").json()["sender_id"] == "bob"


@pytest.mark.wire("mielto", "create_conversation", "first messages: the same chain of senders")
def test_first_messages_do_the_same(api: ApiClient):
    body = {"user_id": "ann", "messages": [{"content": "a"}, {"content": "b", "sender_id": "bot"}]}
    conversation_id = api.post("/api/v1/conversations", body).json()["id"]
    path = f"/api/v1/conversations/{conversation_id}/messages?order_direction=asc"
    assert [row["sender_id"] for row in api.get(path).json()["data"]] == ["ann", "bot"]


@pytest.mark.wire("mielto", "create_message", "owner_id is the conversation's owner")
def test_a_message_belongs_to_the_owner_of_its_conversation(api: ApiClient, acme: Tenant):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "hi", "sender_id": "x"}}
    [row] = api.post("/api/v1/messages", body).json()
    assert row["owner_id"] == acme.conversation.owner_id
