"""Paging of messages: by skip and by cursor, exact at every boundary."""

from typing import Any
from urllib.parse import quote

import pytest

from messaging.services import MessageDraft, Writer, append_messages
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/messages"


@pytest.fixture(autouse=True)
def ten_messages(acme: Tenant) -> None:
    """Beside those of the cast, ten of the role `page`, "0" to "9", all of one moment."""
    append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        writer=Writer(),
        drafts=[MessageDraft(content=str(number), role="page") for number in range(10)],
    )


def page(api: ApiClient, query: str) -> Any:
    response = api.get(f"{PATH}?role=page&{query}")
    assert response.status_code == 200, response.json()
    return response.json()


def texts(answer: dict[str, Any]) -> str:
    return "".join(row["content"] for row in answer["data"])


def walk(api: ApiClient, query: str) -> Any:
    """Every page by cursor."""
    pages = [page(api, query)]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(page(api, f"{query}&cursor={cursor}"))
    return pages


@pytest.mark.wire("mielto", "list_messages", "skip and limit cut a page; has_more and next_page are exact")
@pytest.mark.parametrize(
    ("skip", "limit", "expected", "number", "following"),
    [
        (0, 3, "987", 1, 2),
        (3, 3, "654", 2, 3),
        (6, 3, "321", 3, 4),
        (9, 3, "0", 4, None),
        (7, 3, "210", 3, None),
        (0, 9, "987654321", 1, 2),
        (0, 10, "9876543210", 1, None),
        (0, 11, "9876543210", 1, None),
        (1, 9, "876543210", 1, None),
        (10, 3, "", 4, None),
        (11, 3, "", 4, None),
        (2, 3, "765", 1, 2),
    ],
)
def test_a_page_by_skip(api: ApiClient, skip, limit, expected, number, following):
    answer = page(api, f"skip={skip}&limit={limit}")
    assert texts(answer) == expected
    assert (answer["total_count"], answer["limit"]) == (10, limit)
    assert (answer["page"], answer["next_page"]) == (number, following)
    assert answer["has_more"] is (following is not None)
    assert (answer["next_cursor"] is not None) is answer["has_more"]


@pytest.mark.parametrize("skip", [10**15, 2**63, 10**30])
def test_an_absurd_skip_is_an_empty_page(api: ApiClient, skip):
    answer = page(api, f"skip={skip}")
    assert (answer["data"], answer["total_count"], answer["has_more"]) == ([], 10, False)


@pytest.mark.wire("mielto", "list_messages", "a walk by next_cursor shows every row once, in order")
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9, 10, 11])
@pytest.mark.parametrize(("direction", "expected"), [("desc", "9876543210"), ("asc", "0123456789")])
def test_a_walk_by_cursor(api: ApiClient, limit, direction, expected):
    pages = walk(api, f"limit={limit}&order_direction={direction}")
    assert "".join(map(texts, pages)) == expected
    assert len(pages) == -(-10 // limit)
    assert [answer["has_more"] for answer in pages] == [True] * (len(pages) - 1) + [False]
    assert {answer["total_count"] for answer in pages} == {10}


@pytest.mark.parametrize("name", ["updated_at", "sent_at", "seq", "id", "sender_id", "role", "message_type"])
def test_a_walk_in_any_order(api: ApiClient, name):
    assert "".join(map(texts, walk(api, f"limit=3&order_by={name}"))) == "9876543210"


def test_a_page_by_cursor_has_no_number(api: ApiClient):
    answer = page(api, f"limit=3&cursor={page(api, 'limit=3')['next_cursor']}")
    assert (answer["page"], answer["next_page"]) == (None, None)
    assert answer["next_cursor"] is not None


@pytest.mark.wire(
    "mielto", "list_messages", "cursor takes the place of skip; the limit may change on the way"
)
def test_a_cursor_goes_before_skip(api: ApiClient):
    cursor = page(api, "limit=3")["next_cursor"]
    assert texts(page(api, f"limit=2&skip=9&cursor={cursor}")) == "65"


@pytest.mark.wire("mielto", "list_messages", "a page reached by skip leads on by cursor")
def test_skip_leads_over_to_a_cursor(api: ApiClient):
    cursor = page(api, "skip=4&limit=3")["next_cursor"]
    assert texts(page(api, f"limit=3&cursor={cursor}")) == "210"


@pytest.mark.wire("mielto", "list_messages", "a cursor repeats and skips nothing while others write")
def test_a_cursor_does_not_move_when_messages_arrive(api: ApiClient, acme: Tenant):
    cursor = page(api, "limit=3")["next_cursor"]
    late = {"conversation_id": acme.conversation.pk, "content": {"content": "late", "role": "page"}}
    api.post(PATH, late)
    assert texts(page(api, f"limit=3&cursor={cursor}")) == "654"


def test_a_cursor_outlives_its_row(api: ApiClient):
    first = page(api, "limit=3")
    api.delete(f"{PATH}/{first['data'][-1]['id']}")
    assert texts(page(api, f"limit=3&cursor={first['next_cursor']}")) == "654"


def test_a_cursor_beyond_the_end_is_an_empty_page(api: ApiClient):
    first = page(api, "limit=9")
    [last] = page(api, f"limit=9&cursor={first['next_cursor']}")["data"]
    api.delete(f"{PATH}/{last['id']}")
    answer = page(api, f"limit=9&cursor={first['next_cursor']}")
    assert (answer["data"], answer["has_more"], answer["next_cursor"]) == ([], False, None)


@pytest.mark.wire(
    "mielto", "list_messages", "a cursor is valid only with the filters and order it was made with"
)
@pytest.mark.parametrize(
    "query",
    [
        "",
        "role=tool",
        "role=page&sender_id=ann",
        "role=page&order_direction=asc",
        "role=page&order_by=updated_at",
        "role=page&tags=a",
        "role=page&search=1",
        "role=page&created_after=2024-01-01T00:00:00Z",
    ],
)
def test_a_cursor_of_another_list_is_refused(api: ApiClient, query):
    cursor = page(api, "limit=3")["next_cursor"]
    response = api.get(f"{PATH}?{query}&cursor={cursor}")
    assert response.status_code == 422
    [problem] = response.json()["detail"]
    assert (problem["loc"], problem["type"]) == (["query", "cursor"], "cursor_mismatch")


def test_the_filters_of_a_cursor_may_be_spelled_anew(api: ApiClient):
    first = api.get(f"{PATH}?role=page&tags=&limit=3&created_after=2024-01-01T01:00:00%2B01:00").json()
    query = f"limit=3&created_after=2024-01-01T00:00:00Z&cursor={first['next_cursor']}"
    assert texts(page(api, query)) == "654"


@pytest.mark.wire("mielto", "list_messages", "a cursor that is not ours is 422")
@pytest.mark.parametrize(
    "tampered", ["{0}x", "x{0}", "{0}:{0}", ":", "é", "bXNn", "msg_01h455vb4pex5vsknk084sn02q", "{1}"]
)
def test_a_cursor_that_is_not_ours_is_refused(api: ApiClient, tampered):
    cursor = page(api, "limit=3")["next_cursor"]
    swapped = cursor.swapcase()
    response = api.get(f"{PATH}?role=page&cursor={quote(tampered.format(cursor, swapped))}")
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == "cursor_invalid"


@pytest.mark.wire("mielto", "list_messages", "a cursor of another workspace is 422")
def test_a_cursor_of_another_workspace_is_refused(api: ApiClient, stranger: ApiClient):
    cursor = page(api, "limit=3")["next_cursor"]
    assert stranger.get(f"{PATH}?role=page&cursor={cursor}").status_code == 422


@pytest.mark.wire("mielto", "list_conversation_messages", "paging as across the workspace")
def test_one_conversation_is_paged_the_same(api: ApiClient, acme: Tenant):
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages?limit=7&order_direction=asc"
    first = api.get(path).json()
    second = api.get(f"{path}&cursor={first['next_cursor']}").json()
    assert [row["content"] for row in second["data"]] == list("56789")
    assert (first["total_count"], second["total_count"], second["has_more"]) == (12, 12, False)


def test_a_cursor_of_one_conversation_is_not_one_of_the_workspace(api: ApiClient, acme: Tenant):
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages"
    cursor = api.get(f"{path}?limit=1").json()["next_cursor"]
    assert api.get(f"{PATH}?cursor={cursor}").status_code == 422
