"""GET /api/v1/messages?created_after=&created_before="""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

HOURS = ["2024-05-01T10:00:00Z", "2024-05-01T11:00:00Z", "2024-05-01T12:00:00Z"]


@pytest.fixture(autouse=True)
def history(api: ApiClient, acme: Tenant) -> None:
    api.post(
        "/api/v1/messages",
        {
            "conversation_id": acme.conversation.pk,
            "content": [{"content": hour, "created_at": hour, "role": "past"} for hour in HOURS],
        },
    )


def found(api: ApiClient, query: str) -> list[str]:
    page = api.get(f"/api/v1/messages?role=past&order_direction=asc&{query}").json()
    assert page["total_count"] == len(page["data"])
    return [row["content"] for row in page["data"]]


@pytest.mark.wire("mielto", "list_messages", "created_after is strict")
def test_after_excludes_the_moment_itself(api: ApiClient):
    assert found(api, "created_after=2024-05-01T11:00:00Z") == HOURS[2:]
    assert found(api, "created_after=2024-05-01T10:59:59.999999Z") == HOURS[1:]


@pytest.mark.wire("mielto", "list_messages", "created_before is strict")
def test_before_excludes_the_moment_itself(api: ApiClient):
    assert found(api, "created_before=2024-05-01T11:00:00Z") == HOURS[:1]
    assert found(api, "created_before=2024-05-01T11:00:00.000001Z") == HOURS[:2]


@pytest.mark.wire("mielto", "list_messages", "created_after and created_before together bound a span")
def test_both_bound_a_span(api: ApiClient):
    assert found(api, "created_after=2024-05-01T10:30:00Z&created_before=2024-05-01T11:30:00Z") == HOURS[1:2]


@pytest.mark.parametrize("moment", ["2024-05-01T13:00:00%2B02:00", "2024-05-01T11:00:00", "1714561200"])
def test_a_moment_has_many_spellings(api: ApiClient, moment):
    assert found(api, f"created_after={moment}") == HOURS[2:]


@pytest.mark.wire("mielto", "list_messages", "imported history stands in the past of the list")
def test_history_is_listed_by_its_own_time(api: ApiClient):
    rows = api.get("/api/v1/messages").json()["data"]
    assert [row["content"] for row in rows][-3:] == HOURS[::-1]
