"""GET /api/v1/messages?tags=: whatever can be a tag can be asked for."""

from urllib.parse import quote

import pytest

from tests.client import ApiClient

pytestmark = pytest.mark.django_db

LIST = "/api/v1/messages"
TAGS = ["plain", "a,b", "back\\slash", "\\,", " padded ", "ends\\", "two words", 'quo"te', "%"]


def escaped(tag: str) -> str:
    return tag.replace("\\", "\\\\").replace(",", "\\,")


def contents(api: ApiClient, tags: str, mode: str = "any") -> set[str]:
    answer = api.get(f"{LIST}?tags={quote(tags)}&tags_mode={mode}").json()
    return {row["content"] for row in answer["data"]}


@pytest.fixture
def tagged(api: ApiClient) -> ApiClient:
    api.post(LIST, {"content": [{"content": tag, "tags": [tag]} for tag in TAGS]})
    api.post(LIST, {"content": {"content": "all", "tags": TAGS}})
    return api


@pytest.mark.wire("mielto", "list_messages", "tags: a backslash escapes a comma or a backslash")
@pytest.mark.parametrize("tag", TAGS)
def test_every_tag_can_be_asked_for(tagged: ApiClient, tag: str):
    assert contents(tagged, escaped(tag)) == {tag, "all"}


def test_any_of_several(tagged: ApiClient):
    assert contents(tagged, "plain, two words,nobody") == {"plain", "two words", "all"}


def test_all_of_several(tagged: ApiClient):
    assert contents(tagged, ",".join(map(escaped, TAGS)), "all") == {"all"}
    assert contents(tagged, "plain, nobody", "all") == set()


def test_a_piece_means_itself_or_itself_without_outer_spaces(tagged: ApiClient):
    assert contents(tagged, " plain ,") == {"plain", "all"}
    assert contents(tagged, "padded") == set()
