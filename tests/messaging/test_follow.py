"""`after` and `before` by the id of a message, `seq` in the answers, pages in reading order."""

from typing import Any

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(api: ApiClient, acme: Tenant) -> list[str]:
    """The ids of the messages of acme's conversation, eight in all, by `seq`."""
    body = {"conversation_id": acme.conversation.pk, "content": [{"content": str(n)} for n in range(3, 9)]}
    return [
        acme.question.pk,
        acme.reply.pk,
        *(row["id"] for row in api.post("/api/v1/messages", body).json()),
    ]


@pytest.fixture(params=["below the conversation", "by parameter"])
def page(request, api: ApiClient, acme: Tenant):
    """The answer to a list of the messages of the conversation, by either path."""
    path, first = f"/api/v1/conversations/{acme.conversation.pk}/messages?", ""
    if request.param == "by parameter":
        path, first = "/api/v1/messages?", f"conversation_id={acme.conversation.pk}&"
    return lambda query: api.get(f"{path}{first}{query}")


def numbers(response: Any) -> list[int]:
    assert response.status_code == 200
    return [row["seq"] for row in response.json()["data"]]


@pytest.mark.wire("mielto", "list_messages", "every message has a seq, its number in its conversation")
def test_every_answer_tells_the_number(api: ApiClient, acme: Tenant, ids):
    assert api.get(f"/api/v1/messages/{ids[4]}").json()["seq"] == 5
    assert api.patch(f"/api/v1/messages/{ids[4]}", {"tags": ["x"]}).json()["seq"] == 5
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages"
    assert api.post(path, {"content": "x"}).json()["seq"] == 9


@pytest.mark.wire("mielto", "list_messages", "after and before take the id of a message")
def test_what_lies_between(page, ids):
    assert numbers(page(f"after={ids[2]}&before={ids[6]}")) == [4, 5, 6]


@pytest.mark.wire(
    "mielto", "list_messages", "an after page ascends, next to the message; a before page descends"
)
def test_a_page_begins_next_to_what_it_names(page, ids):
    assert numbers(page(f"after={ids[2]}&limit=2")) == [4, 5]
    assert numbers(page(f"before={ids[6]}&limit=2")) == [6, 5]


def test_a_direction_that_is_asked_for_wins(page, ids):
    assert numbers(page(f"after={ids[5]}&order_direction=desc")) == [8, 7]
    assert numbers(page(f"before={ids[2]}&order_direction=asc")) == [1, 2]


def test_numbers_and_ids_go_together(page, ids):
    assert numbers(page(f"after={ids[2]}&before_seq=6")) == [4, 5]
    assert numbers(page(f"after={ids[2]}&after_seq=5")) == [6, 7, 8]


@pytest.mark.wire("mielto", "list_messages", "an id of no message of the conversation is 404")
@pytest.mark.parametrize("name", ["after", "before"])
def test_an_unknown_id(page, api: ApiClient, acme: Tenant, globex: Tenant, ids, name):
    other = api.post("/api/v1/messages", {"content": {"content": "elsewhere"}}).json()[0]["id"]
    for unknown in ("msg_unknown", globex.reply.pk, other):
        response = page(f"{name}={unknown}")
        assert (response.status_code, response.json()) == (404, {"detail": "Message not found"})


def test_an_unknown_conversation(api: ApiClient, globex: Tenant, ids):
    for path in (f"conversations/{globex.conversation.pk}/messages?", "messages?conversation_id=conv_x&"):
        response = api.get(f"/api/v1/{path}after={ids[0]}")
        assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})


@pytest.mark.wire("mielto", "list_messages", "after and before need a conversation")
@pytest.mark.parametrize("name", ["after", "before"])
def test_an_id_without_a_conversation_is_refused(api: ApiClient, ids, name):
    assert api.get(f"/api/v1/messages?{name}={ids[0]}").status_code == 422


@pytest.mark.parametrize("name", ["after", "before"])
def test_an_empty_id_counts_as_not_given(page, ids, name):
    assert numbers(page(f"{name}=")) == [8, 7, 6, 5, 4, 3, 2, 1]


@pytest.mark.wire(
    "mielto", "list_messages", "order=reading turns a page: the newest, the oldest of them first"
)
def test_the_newest_in_reading_order(page, ids):
    newest = page("limit=3&order=reading")
    assert numbers(newest) == [6, 7, 8]
    assert numbers(page(f"limit=3&order=reading&before_seq={newest.json()['data'][0]['seq']}")) == [3, 4, 5]
    assert numbers(page(f"limit=3&order=reading&before={ids[5]}")) == [3, 4, 5]
    assert numbers(page(f"limit=3&order=reading&cursor={newest.json()['next_cursor']}")) == [3, 4, 5]
    assert numbers(page("limit=3&order=reading&skip=6")) == [1, 2]


def test_what_ascends_already_is_in_reading_order(page, ids):
    assert numbers(page("limit=3&order=reading&order_direction=asc")) == [1, 2, 3]
    assert numbers(page(f"limit=3&order=reading&after={ids[0]}")) == [2, 3, 4]


@pytest.mark.wire("mielto", "list_messages", "the cursor of a full page can be kept and asked with again")
def test_a_kept_cursor(page, api: ApiClient, acme: Tenant, ids):
    first = page("after_seq=0&limit=6").json()
    assert numbers(page(f"after_seq=0&limit=6&cursor={first['next_cursor']}")) == [7, 8]
    api.post(f"/api/v1/conversations/{acme.conversation.pk}/messages", {"content": "9"})
    assert numbers(page(f"after_seq=0&limit=6&cursor={first['next_cursor']}")) == [7, 8, 9]


def test_a_page_in_reading_order_that_is_too_large_ends_early_and_skips_nothing(page, ids, settings):
    settings.PARLEY = {"PAGE_BYTES": 10}
    seen: list[int] = []
    query = "limit=7&order=reading"
    while True:
        answer = page(query)
        seen = numbers(answer) + seen
        if not answer.json()["has_more"]:
            break
        assert 0 < len(numbers(answer)) < 7
        assert answer.json()["next_page"] is None
        query = f"limit=7&order=reading&cursor={answer.json()['next_cursor']}"
    assert seen == list(range(1, 9))
