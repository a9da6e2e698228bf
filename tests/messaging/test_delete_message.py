"""DELETE /api/v1/messages/{message_id}"""

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient


@pytest.mark.wire("mielto", "delete_message", "204 without a body")
def test_a_message_is_deleted(api: ApiClient, acme: Tenant):
    response = api.delete(f"/api/v1/messages/{acme.reply.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert api.get(f"/api/v1/messages/{acme.reply.pk}").status_code == 404


@pytest.mark.wire("mielto", "delete_message", "a second delete is 404")
def test_a_second_delete_finds_nothing(api: ApiClient, acme: Tenant):
    api.delete(f"/api/v1/messages/{acme.reply.pk}")
    response = api.delete(f"/api/v1/messages/{acme.reply.pk}")
    assert (response.status_code, response.json()) == (404, {"detail": "Message not found"})


@pytest.mark.wire("mielto", "delete_message", "the kept count goes down, the numbers are not used again")
def test_the_count_goes_down_and_the_number_is_gone(api: ApiClient, acme: Tenant):
    api.delete(f"/api/v1/messages/{acme.reply.pk}")
    assert api.get("/api/v1/messages").json()["total_count"] == 1
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "next"}}
    [row] = api.post("/api/v1/messages", body).json()
    assert Message.objects.get(pk=row["id"]).seq == 3
    conversation = Conversation.objects.get(pk=acme.conversation.pk)
    assert (conversation.message_count, conversation.last_seq) == (2, 3)


def test_the_conversation_is_touched(api: ApiClient, acme: Tenant):
    api.delete(f"/api/v1/messages/{acme.reply.pk}")
    assert Conversation.objects.get(pk=acme.conversation.pk).updated_at > acme.conversation.updated_at


def test_a_reply_outlives_what_it_replies_to(api: ApiClient, acme: Tenant):
    body = {"content": {"content": "re", "parent_message_id": acme.reply.pk}}
    [row] = api.post("/api/v1/messages", body).json()
    api.delete(f"/api/v1/messages/{acme.reply.pk}")
    assert api.get(f"/api/v1/messages/{row['id']}").json()["parent_message_id"] == acme.reply.pk


def test_a_message_of_another_workspace_stays(api: ApiClient, globex: Tenant):
    assert api.delete(f"/api/v1/messages/{globex.reply.pk}").status_code == 404
    assert Message.objects.filter(pk=globex.reply.pk).exists()
    assert Conversation.objects.get(pk=globex.conversation.pk).message_count == 2
