"""Two shapes of one text are one: in search, in titles, in tags and among duplicates, on both databases."""

import sys
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.admin.lists.highlight import highlight
from messaging.index.filters import Texts
from messaging.models import Message
from messaging.values.text import JOINED, LONGEST_CLUSTER, Form, clusters, fold, normalized
from tests.cast import Tenant
from tests.client import ApiClient

COMPOSED, DECOMPOSED = "łąka żółta", unicodedata.normalize("NFD", "łąka żółta")
PAIRS = [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)]
MESSAGES = "/api/v1/messages"


@pytest.mark.wire("mielto", "list_messages", "search: composed and decomposed characters are the same")
@pytest.mark.parametrize(("stored", "asked"), PAIRS)
def test_a_message_is_found_however_it_is_composed(api: ApiClient, acme: Tenant, stored: str, asked: str):
    [row] = api.post(MESSAGES, {"content": {"content": f"zielona {stored}"}}).json()
    assert row["content"] == f"zielona {stored}"
    hits = api.get(f"{MESSAGES}?search={quote(asked.upper())}").json()["data"]
    assert [hit["id"] for hit in hits] == [row["id"]]


@pytest.mark.parametrize(("stored", "asked"), PAIRS)
def test_a_title_is_found_however_it_is_composed(api: ApiClient, stored: str, asked: str):
    row = api.post("/api/v1/conversations", {"title": stored}).json()
    hits = api.get(f"/api/v1/conversations?search={quote(asked)}").json()["data"]
    assert [(hit["id"], hit["title"]) for hit in hits] == [(row["id"], stored)]


@pytest.mark.wire(
    "mielto", "list_messages", "tags: composed and decomposed characters are the same, case is not"
)
@pytest.mark.parametrize("mode", ["any", "all"])
@pytest.mark.parametrize(("stored", "asked"), PAIRS)
def test_a_tag_is_found_however_it_is_composed(api: ApiClient, stored: str, asked: str, mode: str):
    [row] = api.post(MESSAGES, {"content": {"content": "x", "tags": [stored]}}).json()
    hits = api.get(f"{MESSAGES}?tags={quote(asked)}&tags_mode={mode}").json()["data"]
    assert [(hit["id"], hit["tags"]) for hit in hits] == [(row["id"], [stored])]
    assert not api.get(f"{MESSAGES}?tags={quote(asked.upper())}").json()["data"]


@pytest.mark.parametrize(("stored", "asked"), PAIRS)
def test_who_names_no_tenant_finds_a_tag_likewise(api: ApiClient, stored: str, asked: str):
    api.post(MESSAGES, {"content": {"content": "x", "tags": [stored, "b"]}})
    assert Message.objects.narrow(Texts.any_of("tags", [asked])).count() == 1
    assert Message.objects.narrow(Texts.all_of("tags", [asked, "b"])).count() == 1


@pytest.mark.wire("mielto", "create_message", "a repeated import may come in another composition")
def test_an_import_is_a_duplicate_however_it_is_composed(api: ApiClient, acme: Tenant):
    message = {"created_at": "2026-05-04T09:00:00Z", "sender_id": "ada"}
    body = {"conversation_id": acme.conversation.pk}
    [first] = api.post(MESSAGES, body | {"content": [message | {"content": COMPOSED}]}).json()
    [again] = api.post(MESSAGES, body | {"content": [message | {"content": DECOMPOSED}]}).json()
    [upper] = api.post(MESSAGES, body | {"content": [message | {"content": COMPOSED.upper()}]}).json()
    assert again == first
    assert upper["id"] != first["id"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("İstanbul", "istanbul"), ("ΐ", "Ϊ́"), ("ﬁn", "FIN"), ("ﾊﾟ", "パ"), ("２", "2"), ("ᾳ", "ΑΙ"), ("Å", "å")],
)
def test_case_and_width_are_ignored_in_every_script(first: str, second: str):
    assert fold(first) == fold(second)


TEXTS = st.text(
    st.sampled_from("aAßİıλςΐ\u0301\u0307\u0308\u0345각ᄀ\u1161\u11a8ﾊﾟ\u09c7\u09be ﬁ²Å"), max_size=12
)


@given(TEXTS)
def test_a_text_folds_piece_by_piece(text: str):
    pieces = list(clusters(text))
    assert "".join(pieces) == text
    assert "".join(map(fold, pieces)) == fold(text)


def test_every_letter_that_joins_the_one_before_is_known():
    letters = (chr(code) for code in range(sys.maxunicode + 1))
    joined = [letter for letter in letters if len(unicodedata.normalize("NFD", letter)) > 1]
    composed = [letter for letter in joined if unicodedata.is_normalized("NFC", letter)]
    seconds = {unicodedata.normalize("NFD", letter)[-1] for letter in composed}
    assert {each for each in seconds if not unicodedata.combining(each)} <= JOINED


def test_what_folds_together_is_marked_together():
    assert highlight(f"na {DECOMPOSED}!", "łąka") == f"na <mark>{DECOMPOSED[:5]}</mark>{DECOMPOSED[5:]}!"


FORMS: list[Form] = ["NFC", "NFD", "NFKC", "NFKD"]
OF_CLUSTERS = st.text("a\u0301\u0327\u0344\u00e9\u1100\u1161\u11a8\uff9e\u0f73\ufb01 ", max_size=60)


@given(st.lists(OF_CLUSTERS, max_size=12).map(" ".join))
def test_a_text_is_normalized_as_python_does(text: str):
    for form in FORMS:
        assert normalized(text, form) == unicodedata.normalize(form, text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("run", ["\u0301\u0327", "\u0f73", "\u0301\uff9e", "\u0344\u0327"])
def test_it_takes_no_longer_where_combining_characters_never_end(run: str):
    text = "a" + run * 500_000
    for form in FORMS:
        assert len(normalized(text, form)) >= len(text) // 2
    honest = "a" + run * (LONGEST_CLUSTER // 4)
    assert normalized(honest * 9, "NFC") == unicodedata.normalize("NFC", honest * 9)
