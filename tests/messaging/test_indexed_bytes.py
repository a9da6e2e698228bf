"""A search looks at the beginning of a long text: what stands behind is stored, shown and not searched."""

from typing import Any

import pytest

from messaging.models import Message
from tests.client import ApiClient

PATH = "/api/v1/messages"


def hits(api: ApiClient, text: str) -> int:
    return int(api.get(f"{PATH}?search={text}").json()["total_count"])


@pytest.mark.wire("mielto", "list_messages", "search: the first 64 KiB of a message")
def test_the_beginning_of_a_long_text_is_searched(api: ApiClient):
    content = f"needle {'x' * 70_000} haystack"
    [row] = api.post(PATH, {"content": {"content": content}}).json()
    assert row["content"] == content
    assert (hits(api, "needle"), hits(api, "haystack")) == (1, 0)


@pytest.mark.parametrize("letter", ["x", "é", "日", "😀", "ß", "ﷺ"])
def test_the_bound_is_of_bytes_and_cuts_no_character(api: ApiClient, settings: Any, letter: str):
    settings.PARLEY = {"INDEXED_TEXT_BYTES": 100}
    [row] = api.post(PATH, {"content": {"content": letter * 200}}).json()
    indexed = Message.objects.get(pk=row["id"]).search_text
    assert 90 <= len(indexed.encode()) <= 100


def test_a_text_within_the_bound_is_searched_whole(api: ApiClient, settings: Any):
    settings.PARLEY = {"INDEXED_TEXT_BYTES": 12}
    api.post(PATH, {"content": {"content": "STRASSE 1234"}})
    assert hits(api, "straße 1234") == 1
