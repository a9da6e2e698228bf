"""GET ...?search=: contains, whatever the case, whatever the script, the same on both databases."""

from urllib.parse import quote

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

CASES = [
    ("Hello World", "hello", True),
    ("Hello World", "LO WO", True),
    ("Hello World", "hello  world", False),
    ("Straße", "STRASSE", True),
    ("STRASSE", "straße", True),
    ("ÉTÉ", "été", True),
    ("ΟΔΟΣ", "οδος", True),
    ("привет", "ПРИВЕТ", True),
    ("İstanbul", "i̇stanbul", True),
    ("日本語のテキスト", "テキ", True),
    ("ok 👍🏽", "👍", True),
    ("100% sure", "100%", True),
    ("100 sure", "100%", False),
    ("a_b", "a_b", True),
    ("axb", "a_b", False),
    ("C:\\temp", "c:\\t", True),
    ("C:temp", "c:\\t", False),
    ("end\\", "\\", True),
    ("50\\% off", "\\%", True),
    ("50% off", "\\%", False),
    ("it's", "'s", True),
    ('say "hi"', '"HI"', True),
    (" padded ", " padded ", True),
    ("padded", " padded", False),
    ("a*b?c[d]", "*B?C[D]", True),
    ("line\nbreak", "e\nb", True),
]


@pytest.mark.wire("mielto", "list_messages", "search: Unicode-aware, case-insensitive substring of content")
@pytest.mark.parametrize(("text", "search", "expected"), CASES)
def test_messages_are_found_by_content(api: ApiClient, text, search, expected):
    [row] = api.post("/api/v1/messages", {"content": {"content": text, "role": "x"}}).json()
    found = api.get(f"/api/v1/messages?role=x&search={quote(search)}").json()
    assert [hit["id"] for hit in found["data"]] == ([row["id"]] if expected else [])
    assert found["total_count"] == len(found["data"])


@pytest.mark.wire(
    "mielto", "list_conversations", "search: Unicode-aware, case-insensitive substring of title"
)
@pytest.mark.parametrize(("title", "search", "expected"), CASES)
def test_conversations_are_found_by_title(api: ApiClient, title, search, expected):
    api.post("/api/v1/conversations", {"title": title, "user_id": "x"})
    found = api.get(f"/api/v1/conversations?user_id=x&search={quote(search)}").json()
    assert [hit["title"] for hit in found["data"]] == ([title] if expected else [])


@pytest.mark.wire("mielto", "list_conversation_messages", "search: the same as across the workspace")
def test_one_conversation_can_be_searched(api: ApiClient, acme: Tenant):
    path = f"/api/v1/conversations/{acme.conversation.pk}/messages?search=SUNDAY"
    assert [row["id"] for row in api.get(path).json()["data"]] == [acme.question.pk]


def test_a_corrected_message_is_found_by_its_new_text_alone(api: ApiClient, acme: Tenant):
    api.put(f"/api/v1/messages/{acme.question.pk}", {"content": "Öffnungszeiten"})
    assert api.get("/api/v1/messages?search=öffnung").json()["total_count"] == 1
    assert api.get("/api/v1/messages?search=sunday").json()["total_count"] == 0


def test_a_renamed_conversation_is_found_by_its_new_title_alone(api: ApiClient, acme: Tenant):
    api.put(f"/api/v1/conversations/{acme.conversation.pk}", {"title": "Ärger"})
    assert api.get("/api/v1/conversations?search=ärger").json()["total_count"] == 1
    assert api.get("/api/v1/conversations?search=opening").json()["total_count"] == 0


@pytest.mark.parametrize("path", ["messages", "conversations"])
def test_a_search_has_a_limit(api: ApiClient, path):
    assert api.get(f"/api/v1/{path}?search={'x' * 1_000}").status_code == 200
    assert api.get(f"/api/v1/{path}?search={'x' * 1_001}").status_code == 422
