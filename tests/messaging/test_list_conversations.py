"""GET /api/v1/conversations: one handler for every generation of clients."""

from typing import Any
from urllib.parse import quote

import pytest

from messaging.services import Writer, create_conversation
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/conversations"


@pytest.fixture(autouse=True)
def five(acme: Tenant) -> None:
    """Beside the one of the cast, five of user `u`, "a" to "e", the last touched last."""
    for number, title in enumerate("abcde"):
        create_conversation(
            workspace_id=acme.workspace.pk,
            writer=Writer(),
            user_id="u",
            title=title,
            status="archived" if title == "b" else "active",
            is_public=title == "c",
            collections=[f"col_{number}", "col_all"],
        )


def page(api: ApiClient, query: str) -> Any:
    response = api.get(f"{PATH}?user_id=u&{query}")
    assert response.status_code == 200, response.json()
    return response.json()


def titles(answer: dict[str, Any]) -> str:
    return "".join(row["title"] for row in answer["data"])


@pytest.mark.wire("mielto", "list_conversations", "always the eight keys; limit 50, updated_at desc")
def test_it_answers_a_page(api: ApiClient):
    answer = page(api, "")
    assert titles(answer) == "edcba"
    assert {name: value for name, value in answer.items() if name != "data"} == {
        "total_count": 5,
        "page": 1,
        "limit": 50,
        "next_page": None,
        "next_cursor": None,
        "prev_cursor": None,
        "has_more": False,
    }


def test_a_row_is_what_the_get_call_answers(api: ApiClient):
    [row] = page(api, "search=c")["data"]
    assert api.get(f"{PATH}/{row['id']}").json() == row


@pytest.mark.wire("mielto", "list_conversations", "the last touched comes first")
def test_a_message_brings_a_conversation_to_the_front(api: ApiClient):
    [row] = page(api, "search=b")["data"]
    api.post(f"{PATH}/{row['id']}/messages", {"content": "hi"})
    assert titles(page(api, "")) == "bedca"


@pytest.mark.wire(
    "mielto", "list_conversations", "filters: status, is_public, user_id, collection_id, search"
)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=archived", "b"),
        ("status=active", "edca"),
        ("status=ended", ""),
        ("is_public=true", "c"),
        ("is_public=1", "c"),
        ("is_public=no", "edba"),
        ("collection_id=col_3", "d"),
        ("collection_id=col_all", "edcba"),
        ("collection_id=col", ""),
        ("search=E", "e"),
        ("search=&collection_id=&cursor=", "edcba"),
        ("status=active&is_public=true&search=c", "c"),
    ],
)
def test_a_filter_narrows(api: ApiClient, query, expected):
    answer = page(api, query)
    assert titles(answer) == expected
    assert answer["total_count"] == len(expected)


@pytest.mark.wire("mielto", "list_conversations", "filter: user_id")
def test_the_conversations_of_one_user(api: ApiClient, acme: Tenant):
    found = api.get(f"{PATH}?user_id=acme-customer").json()["data"]
    assert [row["id"] for row in found] == [acme.conversation.pk]
    assert len(api.get(f"{PATH}?user_id=").json()["data"]) == 6


@pytest.mark.wire("mielto", "list_conversations", "sort_by: an allow-list, sort_order: both directions")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort_by=title&sort_order=asc", "abcde"),
        ("sort_by=title", "edcba"),
        ("sort_by=created_at&sort_order=ASC", "abcde"),
        ("sort_by=updated_at&sort_order=asc", "abcde"),
        ("sort_by=id", "edcba"),
        ("sort_by=status&sort_order=desc", "bedca"),
        ("sort_by=message_count&sort_order=asc", "abcde"),
    ],
)
def test_it_can_be_sorted(api: ApiClient, query, expected):
    assert titles(page(api, query)) == expected


@pytest.mark.wire("mielto", "list_conversations", "a bad query is 422")
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("skip=-1", "skip"),
        ("page=0", "page"),
        ("status=paused", "status"),
        ("is_public=perhaps", "is_public"),
        ("sort_by=settings", "sort_by"),
        ("sort_order=up", "sort_order"),
        ("direction=back", "direction"),
        ("cursor=conv_01234567890abcdef", "cursor"),
        ("collection_id=%00", "collection_id"),
    ],
)
def test_a_bad_query_is_refused(api: ApiClient, query, name):
    response = api.get(f"{PATH}?{query}")
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", name]


@pytest.mark.wire("mielto", "list_conversations", "skip or page: by offset")
@pytest.mark.parametrize(
    ("query", "expected", "number", "following"),
    [
        ("limit=2", "ed", 1, 2),
        ("limit=2&page=1", "ed", 1, 2),
        ("limit=2&page=2", "cb", 2, 3),
        ("limit=2&page=3", "a", 3, None),
        ("limit=2&page=4", "", 4, None),
        ("limit=2&skip=2", "cb", 2, 3),
        ("limit=2&skip=3", "ba", 2, None),
        ("limit=5", "edcba", 1, None),
        ("limit=4", "edcb", 1, 2),
    ],
)
def test_a_page_by_offset(api: ApiClient, query, expected, number, following):
    answer = page(api, query)
    assert (titles(answer), answer["total_count"]) == (expected, 5)
    assert (answer["page"], answer["next_page"]) == (number, following)
    assert answer["has_more"] is (following is not None)
    assert (answer["next_cursor"] is not None) is answer["has_more"]


@pytest.mark.wire(
    "mielto", "list_conversations", "next_cursor leads to the end, prev_cursor back to the start"
)
@pytest.mark.parametrize("query", ["limit=2", "limit=2&sort_by=title", "limit=2&sort_by=message_count"])
def test_a_walk_there_and_back(api: ApiClient, query):
    first = page(api, query)
    second = page(api, f"{query}&cursor={first['next_cursor']}")
    third = page(api, f"{query}&cursor={second['next_cursor']}&direction=next")
    assert [titles(answer) for answer in (first, second, third)] == ["ed", "cb", "a"]
    assert (third["has_more"], third["next_cursor"], first["prev_cursor"]) == (False, None, None)
    back = page(api, f"{query}&cursor={third['prev_cursor']}&direction=prev")
    start = page(api, f"{query}&cursor={back['prev_cursor']}")
    assert (titles(back), back["has_more"], back["next_cursor"] is not None) == ("cb", True, True)
    assert (titles(start), start["has_more"], start["prev_cursor"]) == ("ed", True, None)
    assert titles(page(api, f"{query}&cursor={back['next_cursor']}")) == "a"


def test_a_page_by_skip_leads_both_ways(api: ApiClient):
    middle = page(api, "limit=2&skip=2")
    assert titles(page(api, f"limit=2&cursor={middle['prev_cursor']}")) == "ed"
    assert titles(page(api, f"limit=2&cursor={middle['next_cursor']}")) == "a"


@pytest.mark.wire(
    "mielto", "list_conversations", "a cursor of another list or workspace, or tampered with, is 422"
)
def test_a_foreign_cursor_is_refused(api: ApiClient, stranger: ApiClient):
    cursor = page(api, "limit=2")["next_cursor"]
    assert api.get(f"{PATH}?cursor={cursor}").status_code == 422
    assert api.get(f"{PATH}?user_id=u&sort_order=asc&cursor={cursor}").status_code == 422
    assert api.get(f"{PATH}?user_id=u&cursor={quote(cursor[1:])}").status_code == 422
    assert stranger.get(f"{PATH}?user_id=u&cursor={cursor}").status_code == 422


def test_conversations_of_other_workspaces_are_not_listed(stranger: ApiClient, globex: Tenant):
    assert [row["id"] for row in stranger.get(PATH).json()["data"]] == [globex.conversation.pk]
    assert stranger.get(f"{PATH}?user_id=u").json()["data"] == []
