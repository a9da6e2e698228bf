"""GET /api/v1/messages?meta_data.KEY=VALUE"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

LIST = "/api/v1/messages"


def found(api: ApiClient, query: str) -> list[str]:
    return [row["content"] for row in api.get(f"{LIST}?{query}").json()["data"]]


@pytest.fixture
def tagged(api: ApiClient, acme: Tenant) -> None:
    values = {
        "text": "3",
        "number": 3,
        "real": 3.0,
        "list": ["3"],
        "true": True,
        "null": None,
        "dot": {"a": 1},
    }
    api.post(LIST, {"content": [{"content": name, "meta_data": {"k": v}} for name, v in values.items()]})
    api.post(LIST, {"content": {"content": "odd key", "meta_data": {'a."b"': "x"}}})


@pytest.mark.parametrize(
    ("query", "contents"),
    [
        ("meta_data.k=3", {"text", "number", "real"}),
        ("meta_data.k=true", {"true"}),
        ("meta_data.k=null", {"null"}),
        ("meta_data.k=", set()),
        ('meta_data.a."b"=x', {"odd key"}),
        ("meta_data.k=3&meta_data.other=1", set()),
        ("meta_data.k=1e999", set()),
    ],
)
def test_a_key_matches_its_text_or_the_scalar_it_spells(
    api: ApiClient, tagged: None, query: str, contents: set[str]
):
    assert set(found(api, query)) == contents


def test_a_key_that_no_database_can_hold_is_refused(api: ApiClient, acme: Tenant):
    assert api.get(f"{LIST}?meta_data.a%00=1").status_code == 422


def test_the_cursor_of_a_filtered_list_fits_that_filter_alone(api: ApiClient, tagged: None):
    cursor = api.get(f"{LIST}?meta_data.k=3&limit=1").json()["next_cursor"]
    assert api.get(f"{LIST}?meta_data.k=3&limit=1&cursor={cursor}").status_code == 200
    assert api.get(f"{LIST}?meta_data.k=4&limit=1&cursor={cursor}").status_code == 422


LARGE = [1546130668394913822, 2**63 - 1, -(2**63), 2**64, 10**30, 9007199254740993]


@pytest.mark.wire("mielto", "list_messages", "meta_data.KEY: whole numbers of any size are told apart")
@pytest.mark.parametrize("number", LARGE)
def test_a_large_number_is_asked_for_as_it_was_written(api: ApiClient, acme: Tenant, number: int):
    for value in (number - 1, number, number + 1):
        api.post(LIST, {"content": {"content": str(value), "meta_data": {"id": value}}})
    assert found(api, f"meta_data.id={number}") == [str(number)]


@pytest.mark.wire("seekrflow", "list_messages", "meta_data.KEY: whole numbers of any size are told apart")
@pytest.mark.parametrize("number", LARGE)
def test_a_thread_is_asked_for_by_a_large_number(api: ApiClient, acme: Tenant, number: int):
    for value in (number, number + 1):
        thread = api.post("/v1/threads", {"meta_data": {"id": value}}).json()
        body = {"role": "user", "content": "x", "meta_data": {"id": value}}
        path = f"/v1/threads/{thread['id']}/messages"
        assert api.post(path, body).status_code == 200
        assert len(api.get(f"{path}?meta_data.id={value}").json()) == 1
        assert [row["id"] for row in api.get(f"/v1/threads?meta_data.id={value}").json()] == [thread["id"]]


def test_a_cursor_fits_whatever_the_order_of_the_parameters(api: ApiClient, acme: Tenant):
    for number in range(3):
        api.post(
            LIST, {"content": {"content": str(number), "tags": ["a", "b"], "meta_data": {"k": 1, "l": 2}}}
        )
    first = "meta_data.k=1&meta_data.l=2&tags=a,b&tags_mode=all&limit=1"
    again = "limit=1&tags_mode=all&meta_data.l=2&tags=b,a&meta_data.k=1"
    cursor = api.get(f"{LIST}?{first}").json()["next_cursor"]
    response = api.get(f"{LIST}?{again}&cursor={cursor}")
    assert [row["content"] for row in response.json()["data"]] == ["1"]
