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
