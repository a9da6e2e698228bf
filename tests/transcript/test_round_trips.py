"""What was got can be stored and got again equal, in every format, and no provider refuses it."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from messaging.models import Conversation
from messaging.services import Writer
from messaging.transcript import Format, transcript_of
from messaging.transcript.formats import OpenAI
from messaging.transcript.pieces import Turn
from messaging.transcript.storing import Stored, store_transcript
from tests.cast import Tenant
from tests.client import ApiClient
from tests.generated import DRILL, made_up

from .histories import FORMATS, HISTORIES, got, held, path_of
from .legal import hold

ROOT = Path(__file__).resolve().parents[2]
FILE = (
    Path(os.environ.get("PARLEY_TEST_DATA") or ROOT.parent / "shared" / "data") / "agent-conversations.json"
)


# Each tenth in the suite, all in the drills.
EVERY = [10, pytest.param(1, marks=DRILL)]


def came_back_equal(api: ApiClient, acme: Tenant, turns: list[Turn], format: str, query: str = "") -> None:
    first = got(api, held(acme, *turns), format, query)
    hold(format, first)
    other = held(acme)
    assert api.post(path_of(other, f"format={format}"), first).status_code in (200, 201)
    assert got(api, other, format) == first
    again = api.post(path_of(other, f"format={format}&mode=reconcile"), first)
    assert (again.status_code, again.json()["message_ids"]) == (200, [])


@pytest.mark.parametrize("format", FORMATS)
@made_up(6, 200, turns=HISTORIES)
def test_generated_histories(api: ApiClient, acme: Tenant, format: str, turns: list[Turn]):
    came_back_equal(api, acme, turns, format)


@pytest.mark.parametrize("format", FORMATS)
@made_up(6, 200, turns=HISTORIES, last=st.integers(1, 6), pin=st.sampled_from(["", "system"]))
def test_windows_of_generated_histories(
    api: ApiClient, acme: Tenant, format: str, turns: list[Turn], last: int, pin: str
):
    came_back_equal(api, acme, turns, format, f"last={last}&pin={pin}")


@cache
def conversations() -> list[list[dict[str, Any]]]:
    return [each["traj"] for each in json.loads(FILE.read_text())]


@pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE.name}: set PARLEY_TEST_DATA to its folder")
class TestOfRealConversations:
    """200 of an agent: in 49 of them ids of calls repeat, and 92 results are empty."""

    @pytest.mark.parametrize("every", EVERY)
    @pytest.mark.parametrize("format", FORMATS)
    def test_they_come_back_equal(self, acme: Tenant, format: str, every: int):
        for messages in conversations()[::every]:
            first = transcribed(held(acme, *OpenAI().read({"messages": messages})), format)
            hold(format, first)
            other = held(acme)
            stored = stored_in(other, first, format)
            assert stored.messages
            assert transcribed(other, format) == first
            again = stored_in(other, first, format, reconcile=True)
            assert (again.messages, again.known > 0) == ([], True)

    def test_the_words_and_the_calls_are_those_that_were_sent(self, api: ApiClient, acme: Tenant):
        for messages in conversations():
            shown = got(api, held(acme, *OpenAI().read({"messages": messages})), "openai")["messages"]
            assert list(words(shown)) == list(words(messages))


def transcribed(conversation: Conversation, format: str) -> dict[str, Any]:
    target = {"workspace_id": conversation.workspace_id, "conversation_id": conversation.pk}
    return transcript_of(**target, format=format).given


def stored_in(conversation: Conversation, given: dict[str, Any], format: str, **how: bool) -> Stored:
    kind = Format.known[format]()
    return store_transcript(
        workspace_id=conversation.workspace_id,
        conversation_id=conversation.pk,
        turns=kind.read(given),
        format=kind,
        writer=Writer(),
        **how,
    )


def words(messages: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for message in messages:
        calls = [call["function"] for call in message.get("tool_calls") or ()]
        yield message["role"], message["content"], calls
