"""DELETE /api/v1/conversations/{conversation_id}"""

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient


@pytest.mark.wire("mielto", "delete_conversation", "204; everything below it goes")
def test_it_goes_with_its_messages(api: ApiClient, acme: Tenant, globex: Tenant):
    response = api.delete(f"/api/v1/conversations/{acme.conversation.pk}")
    assert (response.status_code, response.content) == (204, b"")
    assert not Message.objects.for_workspace(acme.workspace.pk).exists()
    assert Message.objects.for_workspace(globex.workspace.pk).count() == 2


@pytest.mark.wire("mielto", "delete_conversation", "afterwards it and its messages are 404")
def test_nothing_of_it_is_found_afterwards(api: ApiClient, acme: Tenant):
    api.delete(f"/api/v1/conversations/{acme.conversation.pk}")
    for path in ("", "/messages"):
        assert api.get(f"/api/v1/conversations/{acme.conversation.pk}{path}").status_code == 404
    assert api.get(f"/api/v1/messages/{acme.reply.pk}").status_code == 404
    assert api.delete(f"/api/v1/conversations/{acme.conversation.pk}").status_code == 404
    assert api.get("/api/v1/messages").json()["total_count"] == 0


@pytest.mark.wire(
    "mielto", "delete_conversation", "an unknown conversation and one of another workspace are 404"
)
def test_a_foreign_conversation_is_not_found(api: ApiClient, globex: Tenant):
    for conversation_id in ("conv_unknown", globex.conversation.pk):
        response = api.delete(f"/api/v1/conversations/{conversation_id}")
        assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})
    assert Conversation.objects.filter(pk=globex.conversation.pk).exists()
