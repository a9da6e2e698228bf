"""Lists answer what a few lines of Python say they should; run on each database, this proves them alike."""

import re
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.api.messages.query import ORDERS
from messaging.services import create_api_key, create_workspace
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

Row = dict[str, Any]
PATH = "/api/v1/messages"
# What folds to more characters than it has, or differently by place or language; what LIKE, JSON and SQL
# give a meaning of their own; what needs two units of UTF-16; what looks alike and is not.
LETTERS = [
    *"aAzZßẞİıiIΣσςﬁÉée%_\\'\"\n\t .{}[]0日本",
    "\u0301",
    "😀",
    "ss",
    "fi",
    "\u2028",
    "\u00a0",
    "\u00ad",
]
FOLDED = ["ss", "SS", "ß", "ẞ", "I", "İ", "ı", "i\u0307", "Σ", "ς", "FI", "ﬁ", "É"]
texts = st.lists(st.sampled_from(LETTERS), max_size=6).map("".join)
names = st.sampled_from(["a", "A", "ß", "ẞ", "é", "e\u0301", "日本", "a%", "a_", "\\", "'", '"', "😀"])
moments = st.sampled_from(
    [
        "2024-05-01T00:00:00Z",
        "2024-05-01T02:00:00+02:00",
        "2024-05-01T00:00:00.000001Z",
        "2024-05-01T00:00:01",
    ]
)
message = st.fixed_dictionaries(
    {"content": texts},
    optional={
        "role": names,
        "sender_id": names,
        "message_type": names,
        "parent_message_id": names,
        "tags": st.none() | st.lists(names, max_size=3),
        "created_at": moments,
    },
)
NARROWING = {
    "conversation": st.integers(0, 1),
    "sender_id": names,
    "role": names,
    "message_type": names,
    "parent_message_id": names,
    "search": st.sampled_from(FOLDED) | st.lists(st.sampled_from(LETTERS), max_size=2).map("".join),
    "tags": st.lists(names, max_size=3).map(", ".join),
    "created_after": moments,
    "created_before": moments,
}


def narrowed_by(parameters: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "order_by": st.sampled_from(ORDERS),
            "order_direction": st.sampled_from(["asc", "desc"]),
            "limit": st.integers(1, 7),
            "tags_mode": st.sampled_from(["any", "all"]),
            **{name: NARROWING[name] for name in parameters},
        }
    )


# Two at most: lists narrowed by more are nearly always empty, and then anything is right.
request = st.lists(st.sampled_from(sorted(NARROWING)), max_size=2, unique=True).flatmap(narrowed_by)


def moment(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def folded(text: str) -> str:
    """As search compares it: one form of each character, no case, no dot that folding left above an i."""
    return normalize("NFKC", normalize("NFKC", text).casefold()).replace("i\u0307", "i")


def composed(tag: str) -> str:
    return normalize("NFC", tag)


def unescaped(text: str) -> list[str]:
    """The pieces between commas; a backslash takes the comma or the backslash behind it as it is."""
    return [re.sub(r"\\([,\\])", r"\1", piece) for piece in re.findall(r"(?:\\[,\\]|[^,])+", text)]


def is_wanted(row: Row, query: Row) -> bool:
    """Whether a list narrowed like this holds the row. A parameter without a value does not narrow."""
    tags = [tag.strip() for tag in unescaped(query.get("tags", "")) if tag.strip()]
    tagged = [composed(tag) in map(composed, row["tags"] or []) for tag in tags]
    exact = ("conversation_id", "sender_id", "role", "message_type", "parent_message_id")
    return (
        all(row[name] == query[name] for name in exact if query.get(name))
        and folded(query.get("search", "")) in folded(row["content"])
        and (not tags or (all if query["tags_mode"] == "all" else any)(tagged))
        and ("created_after" not in query or moment(row["created_at"]) > moment(query["created_after"]))
        and ("created_before" not in query or moment(row["created_at"]) < moment(query["created_before"]))
    )


def expected(stored: list[list[Row]], query: Row) -> list[Row]:
    """All that the list holds, in its order: ties go by conversation, then by arrival, the same way round."""
    numbered = [(seq, row) for rows in stored for seq, row in enumerate(rows) if is_wanted(row, query)]

    def key(item: tuple[int, Row]) -> tuple[Any, str, int]:
        seq, row = item
        value = row.get(query["order_by"], seq)
        return (moment(value) if query["order_by"].endswith("_at") else value, row["conversation_id"], seq)

    return [row for _, row in sorted(numbered, key=key, reverse=query["order_direction"] == "desc")]


def store(api: ApiClient, batches: list[list[Row]]) -> list[list[Row]]:
    """The messages as answered, one list for each conversation; what is given again is stored once."""
    answers = [api.post(PATH, {"content": batch}) for batch in batches]
    assert [answer.status_code for answer in answers] == [201] * len(batches)
    return [list({row["id"]: row for row in answer.json()}.values()) for answer in answers]


def ask(api: ApiClient, query: Row, **more: Any) -> Row:
    answer = api.get(f"{PATH}?{urlencode(query | more)}")
    assert answer.status_code == 200, answer.content
    body: Row = answer.json()
    return body


def check(batches: list[list[Row]], queries: list[tuple[Row, int]]) -> None:
    workspace = create_workspace(name="Any")
    _, secret = create_api_key(workspace_id=workspace.pk, label="any")
    api = ApiClient(secret)
    stored = store(api, batches)
    for query, skip in queries:
        if (number := query.pop("conversation", None)) is not None:
            query["conversation_id"] = stored[number][0]["conversation_id"]
        rows, limit = expected(stored, query), query["limit"]
        page = ask(api, query, skip=skip)
        assert page["data"] == rows[skip : skip + limit]
        assert (page["total_count"], page["has_more"]) == (len(rows), len(rows) > skip + limit)
        walked, cursor = page["data"], page["next_cursor"]
        while cursor:
            page = ask(api, query, cursor=cursor)
            assert page["total_count"] == len(rows)
            walked, cursor = walked + page["data"], page["next_cursor"]
        assert walked == rows[skip:]


cases = given(
    batches=st.tuples(*[st.lists(message, min_size=1, max_size=9)] * 2).map(list),
    queries=st.lists(st.tuples(request, st.integers(0, 4)), min_size=1, max_size=6),
)
common = settings(
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@cases
@settings(common, max_examples=10)
def test_every_list_answers_as_the_model_does(batches, queries):
    check(batches, queries)


@pytest.mark.drill
@pytest.mark.timeout(900)
@cases
@settings(common, max_examples=2_000)
def test_every_list_answers_as_the_model_does_at_length(batches, queries):
    check(batches, queries)
