"""total_count: kept where a counter is, counted up to a ceiling elsewhere, estimated above it."""

import pytest
from django.db import connection

from messaging.models import Conversation
from messaging.services import MessageDraft, Writer, append_messages
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/messages"
ESTIMATED = "X-Total-Count-Estimated"


@pytest.fixture(autouse=True)
def ten_messages(acme: Tenant) -> None:
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        writer=Writer(),
        drafts=[MessageDraft(content="x", role="counted") for _ in range(10)],
    )


@pytest.fixture
def ceiling_of_five(settings) -> None:
    settings.PARLEY = {"COUNT_CEILING": 5}


@pytest.mark.wire("mielto", "list_messages", "total_count of a workspace and of a conversation is exact")
def test_whole_lists_are_exact_whatever_the_ceiling(api: ApiClient, acme: Tenant, ceiling_of_five: None):
    for query in ("", f"conversation_id={acme.conversation.pk}&"):
        response = api.get(f"{PATH}?{query}limit=1")
        assert response.json()["total_count"] == 12
        assert ESTIMATED not in response


def test_whole_lists_are_not_counted(api: ApiClient, acme: Tenant):
    Conversation.objects.filter(pk=acme.conversation.pk).update(message_count=77)
    assert api.get(f"{PATH}?limit=1").json()["total_count"] == 77
    assert api.get(f"{PATH}?limit=1&conversation_id={acme.conversation.pk}").json()["total_count"] == 77


@pytest.mark.wire("mielto", "list_conversation_messages", "total_count is exact whatever the ceiling")
def test_a_conversations_messages_are_exact(api: ApiClient, acme: Tenant, ceiling_of_five: None):
    response = api.get(f"/api/v1/conversations/{acme.conversation.pk}/messages?limit=1")
    assert response.json()["total_count"] == 12
    assert ESTIMATED not in response


@pytest.mark.wire("mielto", "list_messages", "total_count of a filtered list is exact up to the ceiling")
def test_a_filtered_list_is_counted_up_to_the_ceiling(api: ApiClient, settings):
    settings.PARLEY = {"COUNT_CEILING": 10}
    response = api.get(f"{PATH}?role=counted&limit=1")
    assert response.json()["total_count"] == 10
    assert ESTIMATED not in response


@pytest.mark.wire(
    "mielto", "list_messages", "above the ceiling total_count is an estimate, and a header says so"
)
def test_above_the_ceiling_it_is_an_estimate(api: ApiClient, ceiling_of_five: None):
    response = api.get(f"{PATH}?role=counted&limit=1")
    if connection.vendor == "postgresql":
        assert response.json()["total_count"] >= 6
        assert response[ESTIMATED] == "true"
    else:
        assert response.json()["total_count"] == 10
        assert ESTIMATED not in response


def test_an_estimate_does_not_touch_has_more(api: ApiClient, ceiling_of_five: None):
    first = api.get(f"{PATH}?role=counted&limit=9").json()
    second = api.get(f"{PATH}?role=counted&limit=9&cursor={first['next_cursor']}").json()
    assert (first["has_more"], second["has_more"], len(second["data"])) == (True, False, 1)


def test_a_page_that_shows_the_end_is_exact(api: ApiClient, ceiling_of_five: None):
    response = api.get(f"{PATH}?role=counted&skip=9&limit=1")
    assert response.json()["total_count"] == 10
    assert ESTIMATED not in response


@pytest.mark.wire(
    "mielto", "list_conversations", "total_count is exact, with filters up to 10,000 conversations"
)
def test_conversations_are_exact_whatever_the_ceiling(api: ApiClient, settings):
    settings.PARLEY = {"COUNT_CEILING": 2}
    for _ in range(4):
        api.post("/api/v1/conversations", {"user_id": "jane"})
    for order in ("updated_at", "created_at", "title"):
        response = api.get(f"/api/v1/conversations?limit=2&sort_by={order}")
        assert response.json()["total_count"] == 5
        assert ESTIMATED not in response
    settings.PARLEY = {"COUNT_CEILING": 4}
    assert api.get("/api/v1/conversations?limit=2&user_id=jane").json()["total_count"] == 4
