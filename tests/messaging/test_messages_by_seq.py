"""`after_seq` and `before_seq` on the lists of messages: what a change of many messages names."""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def contents(api: ApiClient, acme: Tenant):
    """The contents of a page of the conversation, whose messages behind the cast's two are `3` to `12`."""
    body = {"conversation_id": acme.conversation.pk, "content": [{"content": str(n)} for n in range(3, 13)]}
    api.post("/api/v1/messages", body)

    def page(query: str, path: str = f"conversations/{acme.conversation.pk}/messages") -> list[str]:
        answer = api.get(f"/api/v1/{path}?{query}").json()
        return [row["content"] for row in answer["data"]]

    return page


@pytest.mark.wire("mielto", "list_conversation_messages", "after_seq and before_seq leave out what they name")
def test_what_lies_between(contents, acme: Tenant):
    assert contents("after_seq=4&before_seq=8") == ["5", "6", "7"]
    within = f"conversation_id={acme.conversation.pk}&after_seq=4&before_seq=8"
    assert contents(within, "messages") == ["5", "6", "7"]


@pytest.mark.wire(
    "mielto", "list_conversation_messages", "an after_seq page ascends, a before_seq page descends"
)
def test_a_page_begins_next_to_what_it_names(contents):
    assert contents("after_seq=4&limit=2") == ["5", "6"]
    assert contents("before_seq=6&limit=2") == ["5", "4"]


def test_an_order_that_is_asked_for_wins(contents):
    assert contents("after_seq=10&order_direction=desc") == ["12", "11"]
    assert contents("after_seq=10&order_by=created_at&order_direction=asc") == ["11", "12"]


def test_other_filters_and_pages_go_with_it(contents, api: ApiClient, acme: Tenant):
    assert contents("after_seq=2&role=user&search=1") == ["10", "11", "12"]
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages?after_seq=2&limit=4"
    first = api.get(path).json()
    second = api.get(f"{path}&cursor={first['next_cursor']}").json()
    assert [row["content"] for row in first["data"] + second["data"]] == [str(n) for n in range(3, 11)]
    assert first["total_count"] == 10


@pytest.mark.wire("mielto", "list_messages", "after_seq and before_seq need a conversation")
@pytest.mark.parametrize("query", ["after_seq=1", "before_seq=1", "after_seq=1&conversation_id="])
def test_a_number_without_a_conversation_is_refused(api: ApiClient, query: str):
    assert api.get(f"/api/v1/messages?{query}").status_code == 422


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "99999999999999999999"])
def test_what_is_no_number_is_refused(api: ApiClient, acme: Tenant, value: str):
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages?after_seq={value}"
    assert api.get(path).status_code == 422
