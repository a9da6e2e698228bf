"""GET /api/v1/conversations/{conversation_id}"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient


@pytest.mark.wire("mielto", "get_conversation", "200 a bare ConversationRead")
def test_a_conversation_is_read(api: ApiClient, acme: Tenant):
    response = api.get(f"/api/v1/conversations/{acme.conversation.pk}")
    assert response.status_code == 200
    assert response.json()["title"] == "acme opening hours"
    assert response.json()["message_count"] == 2


@pytest.mark.wire("mielto", "get_conversation", "an unknown conversation is 404")
@pytest.mark.parametrize("conversation_id", ["conv_unknown", "%00", "x" * 5_000])
def test_an_unknown_conversation_is_not_found(api: ApiClient, conversation_id):
    response = api.get(f"/api/v1/conversations/{conversation_id}")
    assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})


def test_a_conversation_of_another_workspace_is_not_found(api: ApiClient, globex: Tenant):
    response = api.get(f"/api/v1/conversations/{globex.conversation.pk}")
    assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})
