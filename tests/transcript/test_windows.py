"""Windows that a provider would refuse, or that fall short: where they begin, what stays, how far is read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import Conversation
from messaging.transcript import Selection, Transcript, transcript_of
from messaging.transcript.formats import OpenAI
from messaging.transcript.pieces import Text, Turn
from tests.cast import Tenant
from tests.client import ApiClient

from .histories import call, held, path_of, result, says, user
from .legal import hold
from .test_round_trips import EVERY, FILE, came_back_equal, conversations

USERS = ("anthropic", "gemini")
"""The formats that begin with a user."""
WINDOWS = [
    *({"last": last} for last in (1, 2, 4, 9, 30)),
    *({"max_tokens": most} for most in (60, 400, 2_000, 9_000)),
    {"last": 6, "max_tokens": 1_500, "pins_system": True},
]


def system(text: str, **fields: object) -> Turn:
    return Turn(role="system", pieces=(Text(text=text),), **fields)  # type: ignore[arg-type]


def loop(rounds: int) -> list[Turn]:
    """What an agent does by itself: calls, each with its result."""
    pairs = [(says(call(f"call_{number}")), result(f"call_{number}")) for number in range(rounds)]
    return [turn for pair in pairs for turn in pair]


def read(row: Conversation, format: str, **selection: object) -> Transcript:
    return transcript_of(
        workspace_id=row.workspace_id,
        conversation_id=row.pk,
        format=format,
        selection=Selection(**selection),  # type: ignore[arg-type]
    )


def said(made: Transcript) -> list[str]:
    """The texts of a transcript of OpenAI's chat completions."""
    return [message["content"] for message in made.given["messages"]]


@pytest.mark.wire(
    "mielto", "get_transcript", "a window without a user begins with what a user said last in front of it"
)
@pytest.mark.parametrize("format", USERS)
@pytest.mark.parametrize("rounds", [2, 40])
def test_the_nearest_user_anchors_a_window(api: ApiClient, acme: Tenant, format: str, rounds: int):
    turns = [user("Old"), says("Yes?"), user("Look for it"), *loop(rounds)]
    given = api.get(path_of(held(acme, *turns), f"format={format}&last=4")).json()
    contents = given["messages" if format == "anthropic" else "contents"]
    assert "Look for it" in str(contents[0])
    assert len(contents) == 5
    assert given["omitted"] == len(turns) - 5
    came_back_equal(api, acme, turns, format, "last=4")


@pytest.mark.parametrize("format", USERS)
def test_the_anchor_is_within_the_budget(acme: Tenant, format: str):
    row = held(acme, user("Small"), user("x" * 4_000), *loop(40))
    sizes = {}
    for most in range(10, 600, 7):
        made = read(row, format, max_tokens=most)
        assert made.token_count <= most
        hold(format, made.given)
        sizes[most] = row.message_count - made.omitted if made.omitted else 0
        assert "xxx" not in str(made.given), "the nearest is too large, so the one in front of it"
    assert list(sizes.values()) == sorted(sizes.values())
    assert "Small" in str(read(row, format, max_tokens=590).given)


@pytest.mark.wire("mielto", "get_transcript", "without any user in the conversation such a window is empty")
@pytest.mark.parametrize("format", USERS)
def test_without_a_user_nothing_is_left(acme: Tenant, format: str):
    made = read(held(acme, system("Go."), *loop(30)), format, last=4)
    assert (made.given.get("messages", made.given.get("contents")), made.omitted) == ([], 61)


@pytest.mark.parametrize("format", USERS)
def test_what_is_hidden_or_says_nothing_anchors_no_window(acme: Tenant, format: str):
    hidden = Turn(role="user", pieces=user("psst").pieces, meta_data={"hidden": True})
    row = held(acme, user("Go"), *[hidden] * 40, user(" "), *loop(30))
    first = read(row, format, last=2).given["messages" if format == "anthropic" else "contents"][0]
    assert ("Go" in str(first), "psst" in str(first)) == (format == "anthropic", False)


def test_bounds_and_roles(acme: Tenant):
    row = held(acme, user("Go"), *loop(30))
    behind = row.messages.get(seq=41).pk
    assert "Go" in str(read(row, "anthropic", after=behind).given["messages"][0])
    assert read(row, "anthropic", roles=frozenset({"assistant", "tool"})).given["messages"] == []
    before = row.messages.get(seq=1).pk
    assert read(row, "anthropic", before=before).given["messages"] == []


def test_no_statement_more_unless_it_is_needed(acme: Tenant):
    row = held(acme, user("Go"), *loop(200), user("And?"), *loop(3))
    with CaptureQueriesContext(connection) as near:
        read(row, "anthropic", last=2)
    assert len(near) == 2
    far = held(acme, user("Go"), *loop(200))
    with CaptureQueriesContext(connection) as queries:
        read(far, "anthropic", last=2)
    assert len(queries) == 3
    assert "LIMIT 16" in queries.captured_queries[-1]["sql"]


@pytest.mark.wire("mielto", "get_transcript", "hidden messages do not count towards `last`")
def test_it_reads_on_until_so_many_are_there(acme: Tenant):
    hidden = Turn(role="user", pieces=user("psst").pieces, meta_data={"hidden": True})
    row = held(acme, user("1"), user("2"), user("3"), *[hidden] * 200, user("4"))
    assert said(read(row, "openai", last=3)) == ["2", "3", "4"]
    assert said(read(row, "openai", last=9)) == ["1", "2", "3", "4"]
    assert said(read(row, "openai", max_tokens=16)) == ["2", "3", "4"]


def test_results_that_are_left_out_do_not_count(acme: Tenant):
    row = held(acme, user("1"), user("2"), *loop(100), user("3"))
    assert said(read(row, "openai", last=3, include=frozenset())) == ["1", "2", "3"]


def test_reading_on_is_bounded(acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("messaging.transcript.reading.MOST_MESSAGES", 100)
    hidden = Turn(role="user", pieces=user("psst").pieces, meta_data={"hidden": True})
    row = held(acme, user("1"), *[hidden] * 150, user("2"))
    assert said(read(row, "openai", last=2)) == ["2"]


@pytest.mark.wire("mielto", "get_transcript", "`pin=system` keeps instructions wherever they stand")
def test_instructions_are_pinned_in_their_place(acme: Tenant):
    turns = [system("A"), user("1"), *map(user, "x" * 40), system("B"), *map(user, "y" * 40), user("2")]
    row = held(acme, *turns)
    assert said(read(row, "openai", last=1, pins_system=True)) == ["A", "B", "2"]
    assert said(read(row, "openai", last=42, pins_system=True)) == ["A", "x", "B", *"y" * 40, "2"]
    before = row.messages.get(seq=4).pk
    assert said(read(row, "openai", before=before, last=1, pins_system=True)) == ["A", "x"]
    after = row.messages.get(seq=82).pk
    assert said(read(row, "openai", after=after, pins_system=True)) == ["A", "B", "y", "2"]
    alone = read(row, "openai", max_tokens=9, pins_system=True)
    assert (said(alone), alone.over_budget, alone.token_count) == (["A", "B"], True, 10)


def test_pinned_instructions_count_first(acme: Tenant):
    row = held(acme, *(turn for number in range(60) for turn in (system(f"{number}"), user("Hi"))))
    for most in range(300, 620, 9):
        made = read(row, "openai", max_tokens=most, pins_system=True)
        assert made.token_count <= most or made.over_budget
        rest = most - 300
        assert len(said(made)) == 60 + min(60, rest // 5)


@pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE.name}: set PARLEY_TEST_DATA to its folder")
@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("format", USERS)
def test_windows_of_real_conversations(acme: Tenant, format: str, every: int):
    """None is refused, none is too large, and none is empty that holds anything in another format."""
    for messages in conversations()[::every]:
        row = held(acme, *OpenAI().read({"messages": messages}))
        for window in WINDOWS:
            made, other = read(row, format, **window), read(row, "openai", **window)
            hold(format, made.given)
            assert made.over_budget or made.token_count <= window.get("max_tokens", made.token_count)
            pinned = window.get("pins_system", False)
            assert row.message_count - made.omitted <= window.get("last", made.omitted or 10**6) + 1 + pinned
            if "max_tokens" not in window:
                shown = made.given["messages" if format == "anthropic" else "contents"]
                assert bool(shown) == bool(other.given["messages"])
