"""POST /api/v1/conversations/{conversation_id}/transcript"""

from typing import Any

import pytest

from messaging.models import Message
from messaging.services import Writer, append_messages
from messaging.transcript.drafts import draft_of
from messaging.transcript.reading import read_conversation
from tests.cast import Tenant
from tests.client import ApiClient

from .histories import call, got, held, path_of, result, says, user

HISTORY: list[dict[str, Any]] = [
    {"role": "user", "content": "Where is order 1042?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "find_order", "arguments": '{"number": 1}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "a", "content": "shipped"},
]
ANSWER = {"role": "assistant", "content": "It left us this morning."}

READ = "messaging.transcript.storing.read_conversation"


def rows_of(conversation) -> list[Message]:
    rows = Message.objects.for_workspace(conversation.workspace_id).filter(conversation=conversation)
    return list(rows.order_by("seq"))


@pytest.mark.wire("mielto", "store_transcript", "201 with the ids of the messages that were stored")
def test_messages_are_appended(api: ApiClient, acme: Tenant):
    row = held(acme)
    answer = api.post(path_of(row), {"messages": HISTORY})
    assert answer.status_code == 201
    stored = rows_of(row)
    assert answer.json() == {"message_ids": [message.pk for message in stored], "known": 0}
    assert [message.role for message in stored] == ["user", "assistant", "tool"]
    assert stored[1].tool_calls == HISTORY[1]["tool_calls"]
    assert stored[2].meta_data == {"tool_call_id": "a"}
    assert not any(message.has_parts for message in stored)


@pytest.mark.wire("mielto", "store_transcript", "what one format wrote, the others read")
def test_what_one_format_wrote_the_others_read(api: ApiClient, acme: Tenant):
    row = held(acme)
    api.post(path_of(row, "format=openai"), {"messages": HISTORY})
    blocks = got(api, row, "anthropic")["messages"]
    assert blocks[1]["content"] == [
        {"type": "tool_use", "id": "a", "name": "find_order", "input": {"number": 1}}
    ]
    assert blocks[2]["content"] == [{"type": "tool_result", "tool_use_id": "a", "content": "shipped"}]
    [_, message] = got(api, row, "ui")["messages"]
    assert [part["state"] for part in message["parts"]] == ["output-available"]


@pytest.mark.wire("mielto", "store_transcript", "`text` is taken as `text/plain`")
def test_text_is_taken(api: ApiClient, acme: Tenant):
    row = held(acme)
    text = "[user]\nHi\n\n[assistant]\nYes?\n"
    assert api.post(path_of(row, "format=text"), text, content_type="text/plain").status_code == 201
    assert [(message.role, message.content) for message in rows_of(row)] == [
        ("user", "Hi"),
        ("assistant", "Yes?"),
    ]


@pytest.mark.wire("mielto", "store_transcript", "`text` that is no UTF-8, or has a NUL, is 422")
@pytest.mark.parametrize(
    ("text", "problem"),
    [("[user]\nGr\xfc\xdfe".encode("latin-1"), "string_unicode"), (b"[user]\nH\0i", "string_unstorable")],
)
def test_text_that_cannot_be_kept_is_refused(api: ApiClient, acme: Tenant, text: bytes, problem: str):
    row = held(acme)
    answer = api.post(path_of(row, "format=text"), text, content_type="text/plain")
    assert answer.status_code == 422
    [told] = answer.json()["detail"]
    assert (told["type"], told["loc"]) == (problem, ["body"])
    assert "hint" not in told
    assert rows_of(row) == []


@pytest.mark.wire("mielto", "store_transcript", "a repeat with its `Idempotency-Key` stores nothing")
def test_a_retry_stores_once(api: ApiClient, acme: Tenant):
    row = held(acme)
    first = api.post(path_of(row), {"messages": HISTORY}, idempotency_key="k")
    again = api.post(path_of(row), {"messages": HISTORY}, idempotency_key="k")
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    assert len(rows_of(row)) == 3


@pytest.mark.wire("mielto", "store_transcript", "422 names what is none of the format, and nothing is stored")
@pytest.mark.parametrize(
    ("format", "body", "loc"),
    [
        ("openai", {}, ["body", "messages"]),
        ("openai", {"contents": []}, ["body", "contents"]),
        ("openai", {"messages": [{"role": "king", "content": "x"}]}, ["body", "messages", 0, "role"]),
        ("openai", {"messages": [{"role": "user", "content": 7}]}, ["body", "messages", 0, "content"]),
        ("responses", {"input": [{"role": "user"}]}, ["body", "input", 0, "content"]),
        ("responses", {"input": [{"type": "item_reference", "id": "x"}]}, ["body", "input", 0, "type"]),
        ("anthropic", {"messages": [{"role": "user"}]}, ["body", "messages", 0, "content"]),
        ("gemini", {"contents": [{"role": "user"}]}, ["body", "contents", 0, "parts"]),
        (
            "ui",
            {"messages": [{"role": "user", "parts": [{"type": "x"}]}]},
            ["body", "messages", 0, "parts", 0, "type"],
        ),
        ("otel", {"messages": [{"role": "user"}]}, ["body", "messages", 0, "parts"]),
        ("text", {"text": "Hi"}, ["body", "text"]),
    ],
)
def test_what_is_none_of_the_format_is_refused(api: ApiClient, acme: Tenant, format, body, loc):
    row = held(acme)
    answer = api.post(path_of(row, f"format={format}"), body)
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, loc)
    assert not rows_of(row)


def test_a_body_without_its_content_type_is_told_so(api: ApiClient, acme: Tenant):
    row = held(acme)
    [told] = api.post(path_of(row), '{"messages": []}', content_type="text/plain").json()["detail"]
    assert (told["loc"], "`Content-Type: application/json`" in told["hint"]) == (["body", "text"], True)


@pytest.mark.wire("mielto", "store_transcript", "404 for a conversation of another workspace")
def test_the_blocks_of_a_text_are_counted_before_any_is_read(api: ApiClient, acme: Tenant):
    row = held(acme)
    refused = api.post(path_of(row, "format=text"), "[user]\n" * 20_001, content_type="text/plain")
    assert refused.json()["detail"][0]["msg"] == "A text has at most 20,000 blocks"
    assert rows_of(row) == []


def test_another_workspace_stores_nothing(stranger: ApiClient, acme: Tenant):
    row = held(acme)
    assert stranger.post(path_of(row), {"messages": HISTORY}).status_code == 404
    assert stranger.post(path_of(row, "mode=reconcile"), {"messages": HISTORY}).status_code == 404
    assert not rows_of(row)


@pytest.mark.wire("mielto", "store_transcript", "a transcript sent back whole under `strict` is no surprise")
def test_what_was_got_is_sent_back_strictly(api: ApiClient, acme: Tenant):
    row, other = held(acme, user("Hi"), says("Yes?")), held(acme)
    whole = api.get(path_of(row)).json()
    answer = api.post(path_of(other), whole, prefer="handling=strict")
    assert (answer.status_code, len(rows_of(other))) == (201, 2)


@pytest.mark.wire("mielto", "store_transcript", "what a model spoke is kept, and its words are the message's")
@pytest.mark.parametrize(
    ("audio", "words"), [({"id": "a"}, ""), ({"id": "a", "transcript": "Hello"}, "Hello")]
)
def test_a_spoken_answer(api: ApiClient, acme: Tenant, audio: dict[str, str], words: str):
    row = held(acme)
    assert api.post(path_of(row), {"messages": [{"role": "assistant", "audio": audio}]}).status_code == 201
    [message] = rows_of(row)
    assert (message.content, message.meta_data) == (words, {"audio": audio})


@pytest.mark.parametrize("format", ["anthropic", "ui", "otel", "gemini"])
def test_a_call_with_null_for_its_arguments_has_none(api: ApiClient, acme: Tenant, format: str):
    row, other = (held(acme, user("Hi")) for _ in range(2))
    made = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "null"}}
    history = [{"role": "assistant", "tool_calls": [made]}, HISTORY[2]]
    api.post(path_of(row), {"messages": history})
    api.post(path_of(other, f"format={format}&mode=reconcile"), got(api, row, format))
    again, first = got(api, other, format), got(api, row, format)
    for each in (*again.get("messages", ()), *first.get("messages", ())):
        each.pop("id", None)
    assert again == first


def test_a_null_of_a_block_says_nothing(api: ApiClient, acme: Tenant):
    """Clients dump what the provider answered with nulls that it does not take back."""
    row, use = held(acme), {"type": "server_tool_use", "id": "a", "name": "web_search", "input": {"q": None}}
    told = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [{**use, "caller": None}]}]
    api.post(path_of(row, "format=anthropic"), {"messages": told})
    assert got(api, row, "anthropic")["messages"][1]["content"] == [use]


MANY = {f"k{number}": 1 for number in range(200)}


@pytest.mark.wire("mielto", "store_transcript", "what is refused is named by where it stands in the body")
@pytest.mark.parametrize("mode", ["append", "reconcile"])
@pytest.mark.parametrize(
    ("format", "body", "loc"),
    [
        (
            "openai",
            {"messages": [ANSWER, {"role": "user", "content": "Hi", **MANY}]},
            ["messages", 1],
        ),
        (
            "anthropic",
            {"system": "Be kind.", "messages": [{"role": "user", "content": "Hi", **MANY}]},
            ["messages", 0],
        ),
        (
            "gemini",
            {"systemInstruction": {"parts": [{"text": "Be kind."}], **MANY}, "contents": []},
            ["systemInstruction"],
        ),
        (
            "ui",
            {"messages": [{"role": "user", "metadata": MANY, "parts": [{"type": "text", "text": "Hi"}]}]},
            ["messages", 0],
        ),
    ],
)
def test_too_many_keys_are_named_where_they_were_sent(
    api: ApiClient, acme: Tenant, format: str, body: dict[str, Any], loc: list[object], mode: str
):
    answer = api.post(path_of(held(acme), f"format={format}&mode={mode}"), body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", *loc]


class TestReconcile:
    @pytest.mark.wire(
        "mielto", "store_transcript", "`reconcile` adds what a history has more, and nothing twice"
    )
    @pytest.mark.parametrize("format", ["openai", "responses", "anthropic", "gemini", "ui", "otel"])
    def test_a_history_with_one_message_more_adds_that_one(self, api: ApiClient, acme: Tenant, format: str):
        row = held(acme, user("Hi"), says(call("a")), result("a"), says("Yes?"), user("Well."))
        more = held(acme, user("Hi"), says(call("a")), result("a"), says("Yes?"), user("Well."), says("Oh."))
        whole = got(api, more, format)
        answer = api.post(path_of(row, f"format={format}&mode=reconcile"), whole)
        assert answer.status_code == 201
        assert [message.content for message in rows_of(row)[5:]] == ["Oh."]
        assert api.post(path_of(row, f"format={format}&mode=reconcile"), whole).status_code == 200
        assert len(rows_of(row)) == 6

    def test_it_grows_with_every_step_of_an_agent(self, api: ApiClient, acme: Tenant):
        row = held(acme)
        history = [*HISTORY, ANSWER, {"role": "user", "content": "Thank you!"}]
        for end in range(1, len(history) + 1):
            answer = api.post(path_of(row, "mode=reconcile"), {"messages": history[:end]})
            assert len(answer.json()["message_ids"]) == 1
        assert got(api, row, "openai")["messages"] == history

    def test_an_unanswered_call_that_was_not_given_out_is_no_difference(self, api: ApiClient, acme: Tenant):
        row = held(acme, user("Hi"), says(call("a")))
        messages = [*got(api, row, "openai")["messages"], {"role": "user", "content": "Well?"}]
        assert api.post(path_of(row, "mode=reconcile"), {"messages": messages}).status_code == 201
        assert rows_of(row)[-1].content == "Well?"

    @pytest.mark.wire(
        "mielto", "store_transcript", "409 for a history that is another than the conversation's"
    )
    def test_another_history_is_refused(self, api: ApiClient, acme: Tenant):
        row = held(acme, user("Hi"), says("Yes?"))
        for other in ([ANSWER], [{"role": "user", "content": "Hi"}, ANSWER], [HISTORY[2]]):
            answer = api.post(path_of(row, "mode=reconcile"), {"messages": other})
            assert answer.status_code == 409
            assert f"at messages.{len(other) - 1}:" in answer.json()["detail"]
        assert len(rows_of(row)) == 2

    def test_it_says_where_a_message_of_several_turns_differs(self, api: ApiClient, acme: Tenant):
        row = held(acme, says(call("a"), call("b")), result("a"), result("b"), user("Hi"))
        history = got(api, row, "ui")
        history["messages"][1]["parts"][0]["text"] = "Ho"
        answer = api.post(path_of(row, "format=ui&mode=reconcile"), history)
        assert "differs from the conversation at messages.1:" in answer.json()["detail"]

    def test_a_writer_in_between_is_noticed(self, api: ApiClient, acme: Tenant, monkeypatch):
        row = held(acme, user("Hi"))

        def interrupted(*arguments):
            monkeypatch.setattr(READ, read_conversation)
            conversed = read_conversation(*arguments)
            target = {"workspace_id": acme.workspace.pk, "conversation_id": row.pk}
            append_messages(**target, drafts=[draft_of(says("Yes?"))], writer=Writer())
            return conversed

        monkeypatch.setattr(READ, interrupted)
        messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}]
        answer = api.post(path_of(row, "mode=reconcile"), {"messages": messages})
        assert (answer.status_code, answer.json()) == (200, {"message_ids": [], "known": 2})
