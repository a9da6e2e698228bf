"""POST /api/v1/messages without `conversation_id`: a conversation is opened for the batch."""

from typing import Any

import pytest

from messaging.models import Conversation
from tests.cast import Tenant
from tests.client import ApiClient


def post(api: ApiClient, *messages: dict[str, Any], **headers: str) -> Conversation:
    rows = api.post("/api/v1/messages", {"content": list(messages)}, **headers).json()
    [conversation_id] = {row["conversation_id"] for row in rows}
    return Conversation.objects.get(pk=conversation_id)


@pytest.mark.wire("mielto", "create_message", "no conversation_id: one conversation is opened for the batch")
@pytest.mark.parametrize("extra", [{}, {"conversation_id": None}])
def test_one_conversation_holds_the_batch(api: ApiClient, acme: Tenant, extra):
    rows = api.post("/api/v1/messages", {"content": [{"content": "a"}, {"content": "b"}]} | extra).json()
    [conversation_id] = {row["conversation_id"] for row in rows}
    conversation = Conversation.objects.for_workspace(acme.workspace.pk).get(pk=conversation_id)
    assert (conversation.message_count, conversation.last_seq) == (2, 2)
    assert conversation_id != acme.conversation.pk


def test_each_call_opens_its_own(api: ApiClient):
    assert post(api, {"content": "a"}) != post(api, {"content": "a"})


@pytest.mark.wire("mielto", "create_message", "the opened conversation belongs to the sender")
def test_it_belongs_to_the_sender(api: ApiClient):
    conversation = post(api, {"content": "a", "sender_id": "ann"}, x_user_id="bob")
    assert (conversation.owner_id, conversation.user_id) == ("ann", "ann")


@pytest.mark.wire(
    "mielto", "create_message", "the opened conversation belongs to x-user-id where no sender is named"
)
def test_else_to_the_named_user(api: ApiClient):
    conversation = post(api, {"content": "a"}, x_user_id="bob")
    assert (conversation.owner_id, conversation.user_id) == ("bob", "bob")


@pytest.mark.wire("mielto", "create_message", "the opened conversation belongs to the key's owner at last")
def test_else_to_the_owner_of_the_key(api: ApiClient):
    conversation = post(api, {"content": "a"})
    assert (conversation.owner_id, conversation.user_id) == ("acme-owner", None)


def test_it_is_active_and_untitled(api: ApiClient):
    conversation = post(api, {"content": "a"})
    assert (conversation.title, conversation.status, conversation.is_public) == (None, "active", False)


def test_a_refused_batch_opens_none(api: ApiClient, acme: Tenant):
    assert api.post("/api/v1/messages", {"content": [{"content": "a"}, {}]}).status_code == 422
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 1


def test_an_empty_batch_opens_none(api: ApiClient, acme: Tenant):
    response = api.post("/api/v1/messages", {"content": []})
    assert (response.status_code, response.json()) == (201, [])
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 1
