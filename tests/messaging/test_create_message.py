"""POST /api/v1/messages"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.mark.wire("mielto", "create_message", "201 is always an array, also for one message")
def test_one_message_is_answered_as_a_list(api: ApiClient, acme: Tenant):
    response = api.post("/api/v1/messages", {"content": {"content": "hi"}})
    assert response.status_code == 201
    assert [row["content"] for row in response.json()] == ["hi"]


def test_a_stranger_does_not_see_it(api: ApiClient, stranger: ApiClient, acme: Tenant):
    [row] = api.post("/api/v1/messages", {"content": {"content": "hi"}}).json()
    assert stranger.get(f"/api/v1/messages/{row['id']}").status_code == 404
