"""GET /api/v1/messages/{message_id}"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient


@pytest.mark.wire("mielto", "get_message", "200 MessageRead")
def test_a_message_is_read(api: ApiClient, acme: Tenant):
    response = api.get(f"/api/v1/messages/{acme.reply.pk}")
    assert response.status_code == 200
    assert (response.json()["id"], response.json()["role"]) == (acme.reply.pk, "assistant")
    assert response.json()["content"] == "acme: yes, from ten to four."


@pytest.mark.wire("mielto", "get_message", "the same row as in the list")
def test_it_is_the_row_of_the_list(api: ApiClient, acme: Tenant):
    [row] = api.get("/api/v1/messages?role=assistant").json()["data"]
    assert api.get(f"/api/v1/messages/{acme.reply.pk}").json() == row


@pytest.mark.wire("mielto", "get_message", "an unknown message is 404")
@pytest.mark.parametrize("message_id", ["msg_unknown", "0", "%20", "x" * 5_000, "%F0%9F%91%8D", "%00"])
def test_an_unknown_message_is_not_found(api: ApiClient, message_id):
    response = api.get(f"/api/v1/messages/{message_id}")
    assert (response.status_code, response.json()) == (404, {"detail": "Message not found"})


def test_an_id_is_compared_exactly(api: ApiClient, acme: Tenant):
    assert api.get(f"/api/v1/messages/{acme.reply.pk.upper()}").status_code == 404


def test_a_message_of_another_workspace_is_not_found(api: ApiClient, globex: Tenant):
    absent = api.get("/api/v1/messages/msg_unknown")
    foreign = api.get(f"/api/v1/messages/{globex.reply.pk}")
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)
