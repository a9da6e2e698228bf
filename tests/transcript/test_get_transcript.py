"""GET /api/v1/conversations/{conversation_id}/transcript"""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from google.genai.types import Blob, Content, Part

from messaging.exceptions import InvalidValue
from messaging.models import Message
from messaging.transcript import Selection, transcript_of
from messaging.transcript.pieces import Data, File, Reasoning, Text, Turn
from tests.cast import Tenant
from tests.client import ApiClient

from .histories import call, got, held, path_of, result, says, user
from .legal import hold

KEYS = {
    "openai": {"messages"},
    "responses": {"input"},
    "anthropic": {"system", "messages"},
    "gemini": {"systemInstruction", "contents"},
    "ui": {"messages"},
    "otel": {"messages"},
}
SYSTEM = Turn(role="system", pieces=user("Be brief.").pieces)
STORY = (
    SYSTEM,
    user("Where is order 1042?"),
    says("Let me look.", call("call_1"), call("call_2")),
    result("call_2", "lost"),
    result("call_1", "shipped"),
    says("It left us this morning."),
    user("Thank you!"),
)


@pytest.fixture
def story(acme: Tenant):
    return held(acme, *STORY)


@pytest.mark.wire(
    "mielto", "get_transcript", "`format` says in whose words; the keys are those of that client"
)
@pytest.mark.parametrize("format", KEYS)
def test_each_format_has_the_keys_of_its_client(api: ApiClient, story, format: str):
    answer = api.get(path_of(story, f"format={format}")).json()
    assert set(answer) == KEYS[format] | {"token_count", "omitted", "over_budget"}
    assert (answer["omitted"], answer["over_budget"]) == (0, False)


@pytest.mark.wire("mielto", "get_transcript", "`text` is `text/plain`, with counts in headers")
def test_text_is_plain(api: ApiClient, story):
    answer = api.send("GET", path_of(story, "format=text&last=2"))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == "[assistant]\nIt left us this morning.\n\n[user]\nThank you!\n"
    assert answer["Parley-Omitted-Count"] == "5"
    assert int(answer["Parley-Token-Count"]) > 0


@pytest.mark.wire(
    "mielto", "get_transcript", "results stand right behind their calls, in the order of the calls"
)
def test_results_follow_their_calls(api: ApiClient, story):
    messages = got(api, story, "openai")["messages"]
    assert [message["role"] for message in messages][2:5] == ["assistant", "tool", "tool"]
    assert [message["content"] for message in messages[3:5]] == ["shipped", "lost"]


@pytest.mark.wire("mielto", "get_transcript", "`last` never cuts between a call and its result")
@pytest.mark.parametrize(("last", "shown"), [(1, 1), (2, 2), (3, 2), (4, 2), (5, 5), (6, 6)])
def test_a_window_holds_calls_with_all_their_results(api: ApiClient, story, last: int, shown: int):
    answer = api.get(path_of(story, f"last={last}")).json()
    assert len(answer["messages"]) == shown
    assert answer["omitted"] == 7 - shown


@pytest.mark.wire("mielto", "get_transcript", "a window begins where that provider accepts a start")
def test_a_window_begins_with_a_user_where_the_provider_wants_that(api: ApiClient, story):
    assert [each["role"] for each in got(api, story, "anthropic", "last=2")["messages"]] == ["user"]
    assert [each["role"] for each in got(api, story, "openai", "last=2")["messages"]] == ["assistant", "user"]


@pytest.mark.wire("mielto", "get_transcript", "`pin=system` gives the instructions whatever the window")
def test_instructions_are_pinned(api: ApiClient, story):
    given = got(api, story, "anthropic", "last=1&pin=system")
    assert given == {"system": "Be brief.", "messages": [{"role": "user", "content": "Thank you!"}]}
    assert len(got(api, story, "openai", "pin=system")["messages"]) == 7


@pytest.mark.wire("mielto", "get_transcript", "`max_tokens` is never exceeded by the count of the store")
def test_a_budget_is_kept(api: ApiClient, story):
    for most in range(1, 120, 3):
        answer = api.get(path_of(story, f"max_tokens={most}&pin=system")).json()
        assert answer["over_budget"] or answer["token_count"] <= most
        assert not answer["over_budget"] or len(answer["messages"]) == 1


def test_a_large_budget_takes_all(api: ApiClient, acme: Tenant):
    long = held(acme, *(user(f"{number} {'x' * 100}") for number in range(500)))
    answer = api.get(path_of(long, "max_tokens=100000")).json()
    assert (len(answer["messages"]), answer["omitted"]) == (500, 0)
    half = api.get(path_of(long, f"max_tokens={answer['token_count'] // 2}")).json()
    assert len(half["messages"]) in (249, 250)
    assert half["messages"][-1]["content"].startswith("499 ")


@pytest.mark.wire("mielto", "get_transcript", "`after` and `before` bound it by messages of the conversation")
def test_it_is_bounded_by_messages(api: ApiClient, story):
    ids = list(Message.objects.for_workspace(story.workspace_id).filter(conversation=story).order_by("seq"))
    behind = got(api, story, "openai", f"after={ids[4].pk}")["messages"]
    assert [each["content"] for each in behind] == ["It left us this morning.", "Thank you!"]
    before = got(api, story, "openai", f"after={ids[0].pk}&before={ids[2].pk}")["messages"]
    assert [each["content"] for each in before] == ["Where is order 1042?"]


@pytest.mark.wire(
    "mielto", "get_transcript", "404 for a bound of another conversation, or of another workspace"
)
def test_a_foreign_bound_is_unknown(api: ApiClient, story, acme: Tenant, globex: Tenant):
    for message in (acme.question, globex.question):
        answer = api.get(path_of(story, f"after={message.pk}"))
        assert (answer.status_code, answer.json()) == (404, {"detail": "Message not found"})


@pytest.mark.wire("mielto", "get_transcript", "`roles` narrows it; calls without their results are left out")
def test_roles_narrow_it(api: ApiClient, story):
    assert [each["role"] for each in got(api, story, "openai", "roles=user")["messages"]] == ["user", "user"]
    words = got(api, story, "openai", "roles=user,assistant")["messages"]
    assert [each["content"] for each in words if each["role"] == "assistant"][0] == "Let me look."
    assert not [each for each in words if "tool_calls" in each]


@pytest.mark.wire("mielto", "get_transcript", "`include` names what else is given")
def test_what_else_is_included(api: ApiClient, acme: Tenant):
    thought = Reasoning(text="Hm.", metadata={"signature": "c2ln"})
    hidden = Turn(role="user", pieces=user("psst").pieces, meta_data={"hidden": True})
    row = held(acme, user("Hi"), hidden, says(thought, "Yes?", call("a")), result("a"), says(call("b")))
    kinds = "messages"
    whole = got(api, row, "anthropic")[kinds]
    assert [block["type"] for block in whole[1]["content"]] == ["thinking", "text", "tool_use"]
    assert got(api, row, "anthropic", "include=tool_results")[kinds][1]["content"][0]["type"] == "text"
    assert got(api, row, "anthropic", "include=reasoning")[kinds][1]["content"][1]["text"] == "Yes?"
    assert len(got(api, row, "anthropic", "include=reasoning")[kinds]) == 2
    assert "psst" in json.dumps(got(api, row, "openai", "include=hidden"))
    assert "psst" not in json.dumps(whole)
    tail = got(api, row, "openai", "include=tool_results,open_calls")[kinds][-1]
    assert tail["tool_calls"][0]["id"] == "b"


@pytest.mark.wire("mielto", "get_transcript", "`Parley-Omitted` names messages that lost something, and why")
def test_what_is_left_out_is_named(api: ApiClient, acme: Tenant):
    row = held(acme, user("Hi"), result("gone"), says(call("a")), user("Hm"), says(Data(data=1), "x"))
    answer = api.get(path_of(row))
    ids = list(
        Message.objects.for_workspace(row.workspace_id)
        .filter(conversation=row)
        .order_by("seq")
        .values_list("pk", flat=True)
    )
    assert answer["Parley-Omitted"] == ", ".join(
        [
            f"{ids[1]};reason=result_without_call",
            f"{ids[2]};reason=call_without_result",
            f"{ids[2]};reason=empty",
            f"{ids[4]};reason=data",
        ]
    )
    assert answer.json()["omitted"] == 2
    assert "Parley-Omitted" not in api.get(path_of(row, "last=1&format=otel")).headers


@pytest.mark.wire(
    "mielto", "get_transcript", "also in front of the first message that is given, and without any"
)
@pytest.mark.parametrize(
    ("turns", "reasons"),
    [
        ((result("gone"), user("Hi")), ["result_without_call"]),
        ((says("Welcome!"), user("Hi")), ["start"]),
        ((says("Welcome!"), says("Well?")), ["start", "start"]),
        ((result("gone"),), ["result_without_call"]),
    ],
)
def test_what_is_left_out_is_named_in_front_of_all(
    api: ApiClient, acme: Tenant, turns: tuple[Turn, ...], reasons: list[str]
):
    row = held(acme, *turns)
    ids = Message.objects.for_workspace(row.workspace_id).filter(conversation=row).order_by("seq")
    named = [f"{message.pk};reason={reason}" for message, reason in zip(ids, reasons, strict=False)]
    assert api.get(path_of(row, "format=anthropic"))["Parley-Omitted"] == ", ".join(named)


@pytest.mark.wire("mielto", "get_transcript", "a file whose data nobody can decode is left out, and named")
@pytest.mark.parametrize("format", ["openai", "responses", "anthropic", "gemini", "ui", "otel"])
def test_a_broken_file_is_left_out(api: ApiClient, acme: Tenant, format: str):
    broken = File(url="data:image/png;base64,xx", mime_type="image/png")
    row = held(acme, Turn(role="user", pieces=(broken, Text(text="Look"))))
    answer = api.get(path_of(row, f"format={format}"))
    assert ("Look" in str(answer.json()), "xx" in str(answer.json())) == (True, False)
    assert answer["Parley-Omitted"].endswith(";reason=file")


@pytest.mark.parametrize("format", ["gemini", "openai", "anthropic"])
def test_data_that_gemini_s_client_wrote_is_read_by_all(api: ApiClient, acme: Tenant, format: str):
    blob = Blob(mime_type="image/png", data=b"\xfb\xff\xfe")
    content = Content(role="user", parts=[Part(inline_data=blob)]).model_dump(mode="json", exclude_none=True)
    assert content["parts"][0]["inline_data"]["data"] == "-__-"
    row = held(acme)
    api.post(path_of(row, "format=gemini"), {"contents": [content]})
    given = got(api, row, format)
    hold(format, given)
    assert "+//+" in str(given)


@pytest.mark.parametrize("window", ["last=1", "max_tokens=6"])
def test_a_window_leaves_out_what_is_in_front_of_it(api: ApiClient, acme: Tenant, window: str):
    row = held(acme, result("gone"), says("Welcome!"), user("Hi"))
    answer = api.get(path_of(row, f"format=anthropic&{window}"))
    assert (answer.json()["omitted"], "Parley-Omitted" in answer.headers) == (2, False)


@pytest.mark.wire("mielto", "get_transcript", "422 for a format or a part that is none")
@pytest.mark.parametrize(
    "query",
    ["format=xml", "include=jokes", "last=0", "max_tokens=0", f"max_tokens={2**31}", "pin=user"],
)
def test_what_is_unknown_is_refused(api: ApiClient, story, query: str):
    assert api.get(path_of(story, query)).status_code == 422


@pytest.mark.wire("mielto", "get_transcript", "404 for a conversation of another workspace")
def test_another_workspace_sees_nothing(stranger: ApiClient, story):
    assert stranger.get(path_of(story)).status_code == 404


def test_a_host_has_it_without_a_request(acme: Tenant, story):
    made = transcript_of(
        workspace_id=acme.workspace.pk,
        conversation_id=story.pk,
        format="anthropic",
        selection=Selection(last=1, pins_system=True),
    )
    assert set(made.given) == {"system", "messages"}
    assert made.omitted == 5


@pytest.mark.parametrize("number", [-1, 0, 2**31, 2**63])
def test_a_host_that_asks_for_no_window_is_told_so(number: int):
    with pytest.raises(InvalidValue, match="last should be 1 to"):
        Selection(last=number)
    with pytest.raises(InvalidValue, match="max_tokens should be 1 to"):
        Selection(max_tokens=number)


def test_it_reads_no_more_rows_than_it_shows(acme: Tenant):
    row = held(acme, *(user(str(number)) for number in range(300)))
    with CaptureQueriesContext(connection) as context:
        made = transcript_of(
            workspace_id=acme.workspace.pk,
            conversation_id=row.pk,
            format="openai",
            selection=Selection(last=5),
        )
    assert [message["content"] for message in made.given["messages"]] == ["295", "296", "297", "298", "299"]
    assert len(context.captured_queries) == 2
    assert "CAST(21 AS bigint)" in context.captured_queries[-1]["sql"]
