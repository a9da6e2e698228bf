"""How many tokens each message has, who counted them, and how they follow what it says."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from messaging.exceptions import InvalidValue
from messaging.models import Message
from messaging.services import (
    MessageDraft,
    Writer,
    append_messages,
    recount_tokens,
    redact_messages,
    update_message,
)
from messaging.values.tokens import estimate
from tests.cast import Tenant
from tests.client import ApiClient

FUNCTION = {"name": "find_order", "arguments": '{"number": 1042}'}
CALL = {"id": "c1", "type": "function", "function": FUNCTION}
Settings = Any


def append(acme: Tenant, **draft: Any) -> Message:
    [row] = append_messages(
        workspace_id=acme.workspace.pk,
        conversation_id=acme.conversation.pk,
        drafts=[MessageDraft(**draft)],
        writer=Writer(),
    )
    return Message.objects.for_workspace(acme.workspace.pk).get(pk=row.pk)


def counted(row: Message) -> tuple[int | None, str | None]:
    return row.token_count, row.token_counter


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a", 1), ("four", 1), ("fours", 2), ("你好", 2), ("🌍", 1), ('{"a": 123}x', 4), ("\ud800", 1)],
)
def test_the_estimate_counts_bytes(text: str, tokens: int):
    assert estimate(text) == tokens


def test_a_message_is_estimated_when_it_is_written(acme: Tenant):
    assert counted(append(acme, content="x" * 40)) == (10, "estimate")
    assert counted(append(acme, content="")) == (0, "estimate")


@pytest.mark.wire("mielto", "create_message", "token_count is counted by the server, or given by the writer")
def test_a_writer_who_knows_is_believed_and_named(api: ApiClient, acme: Tenant):
    given = [
        {"content": "x" * 40},
        {"content": "x" * 40, "token_count": 7},
        {"content": "", "token_count": 0},
    ]
    body = {"conversation_id": acme.conversation.pk, "content": given}
    rows = api.post("/api/v1/messages", body).json()
    assert [(row["token_count"], row["token_counter"]) for row in rows] == [
        (10, "estimate"),
        (7, "writer"),
        (0, "writer"),
    ]
    assert api.get(f"/api/v1/messages/{rows[1]['id']}").json() == rows[1]


@pytest.mark.wire("mielto", "create_message", "422 for a token_count below 0 or beyond 2^31 - 1")
@pytest.mark.parametrize("count", [-1, 2**31, "many", 1.5])
def test_no_count_is_422(api: ApiClient, acme: Tenant, count: object):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "hi", "token_count": count}}
    response = api.post("/api/v1/messages", body)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][-1] == "token_count"


def test_a_draft_refuses_no_count():
    with pytest.raises(InvalidValue):
        MessageDraft(content="hi", token_count=-1)


def test_names_and_arguments_of_calls_count(acme: Tenant):
    name, arguments = FUNCTION.values()
    row = append(acme, content="one moment", tool_calls=[CALL], role="assistant")
    assert row.token_count == estimate("one moment") + estimate(name) + estimate(arguments)
    decoded = {"name": name, "arguments": {"number": 1042}}
    assert append(acme, content="", tool_calls=[decoded], role="assistant").token_count == estimate(
        name
    ) + estimate('{"number":1042}')


def test_files_meta_data_and_tags_do_not_count(acme: Tenant):
    row = append(
        acme, content="", attachments=[{"url": "https://x.org/a"}], meta_data={"a": "b" * 99}, tags=["t"]
    )
    assert row.token_count == 0


def test_of_parts_reasoning_and_data_count_too(acme: Tenant):
    parts = [
        {"type": "reasoning", "text": "r" * 40},
        {"type": "text", "text": "t" * 80},
        {"type": "tool-call", "tool_name": "find", "tool_call_id": "c", "args": {"q": 1}},
        {"type": "data", "data": {"k": "v"}},
        {"type": "file", "url": "https://x.org/a"},
    ]
    row = append(acme, role="assistant", parts=parts)
    assert row.token_count == 10 + 20 + estimate("find") + estimate('{"q":1}') + estimate('{"k":"v"}')


def test_a_result_counts_once_and_the_input_of_an_error_counts(acme: Tenant):
    result = {"type": "tool-result", "tool_name": "find", "tool_call_id": "c", "output": "o" * 40}
    assert append(acme, role="tool", parts=[result]).token_count == 10
    error = {"type": "tool-error", "tool_name": "find", "error_text": "e" * 40, "input": "i" * 40}
    assert append(acme, role="tool", parts=[error]).token_count == 20


def test_what_is_kept_outside_of_its_row_counts_whole(acme: Tenant):
    output = "The order was shipped on Monday. " * 5_000
    result = {"type": "tool-result", "tool_name": "find", "tool_call_id": "c", "output": output}
    row = append(acme, role="tool", parts=[result])
    assert len(row.content) < len(output)
    assert row.token_count == pytest.approx(estimate(output), rel=0.01)


@pytest.mark.wire("mielto", "update_message", "new content is counted anew, whoever counted the old one")
def test_a_correction_is_counted_anew(api: ApiClient, acme: Tenant):
    row = append(acme, content="x" * 40, token_count=99)
    changed = api.put(f"/api/v1/messages/{row.pk}", {"content": "y" * 20}).json()
    assert (changed["token_count"], changed["token_counter"]) == (5, "estimate")
    row.refresh_from_db()
    assert counted(row) == (5, "estimate")


def test_tags_and_meta_data_leave_the_count_of_the_writer(api: ApiClient, acme: Tenant):
    row = append(acme, content="x" * 40, token_count=99)
    changed = api.put(f"/api/v1/messages/{row.pk}", {"tags": ["vip"], "meta_data": {"a": 1}}).json()
    assert (changed["token_count"], changed["token_counter"]) == (99, "writer")


def test_a_corrected_text_leaves_the_reasoning_counted(acme: Tenant):
    parts = [{"type": "reasoning", "text": "r" * 40}, {"type": "text", "text": "t" * 80}]
    row = append(acme, role="assistant", parts=parts)
    update_message(workspace_id=acme.workspace.pk, message_id=row.pk, changes={"content": "t" * 8})
    row.refresh_from_db()
    assert row.token_count == 10 + 2


def test_a_redacted_message_has_the_tokens_of_its_mark(acme: Tenant):
    row = append(acme, role="assistant", content="x" * 400, tool_calls=[CALL], token_count=150)
    redact_messages(workspace_id=acme.workspace.pk, message_ids=[row.pk])
    row.refresh_from_db()
    assert counted(row) == (estimate("[redacted]") + estimate("find_order") + estimate("{}"), "estimate")


def broken(text: str) -> int:
    raise RuntimeError("no vocabulary")


def words(text: str) -> int:
    return len(text.split())


WORDS = f"{__name__}.words"


def test_a_host_counts_by_its_own_function(acme: Tenant, settings: Settings):
    settings.PARLEY = {**settings.PARLEY, "TOKEN_COUNTER": WORDS}
    assert counted(append(acme, content="one two three")) == (3, WORDS)


def test_a_counter_that_fails_gives_way_to_the_estimate(acme: Tenant, settings: Settings, caplog: Any):
    settings.PARLEY = {**settings.PARLEY, "TOKEN_COUNTER": f"{__name__}.broken"}
    assert counted(append(acme, content="x" * 40)) == (10, "estimate")
    assert "no vocabulary" in caplog.text


def test_another_counter_counts_what_is_there(acme: Tenant, settings: Settings):
    plain, own = append(acme, content="one two three"), append(acme, content="one two", token_count=99)
    parts = [{"type": "reasoning", "text": "let me think"}, {"type": "text", "text": "so be it then"}]
    told = append(acme, role="assistant", parts=parts)
    settings.PARLEY = {**settings.PARLEY, "TOKEN_COUNTER": WORDS}
    output = StringIO()
    call_command("recount_tokens", stdout=output)
    assert output.getvalue() == "Counted 6 messages.\n"  # with the two of each workspace
    for row, number, counter in ((plain, 3, WORDS), (own, 99, "writer"), (told, 7, WORDS)):
        row.refresh_from_db()
        assert counted(row) == (number, counter)
    assert recount_tokens() == 0


def test_a_counter_that_fails_is_not_asked_for_ever(acme: Tenant, settings: Settings):
    settings.PARLEY = {**settings.PARLEY, "TOKEN_COUNTER": f"{__name__}.broken"}
    assert recount_tokens() == 4
    acme.reply.refresh_from_db()
    assert counted(acme.reply)[1] == "estimate"


@pytest.fixture
def exactly(settings: Settings) -> Callable[[str], None]:
    pytest.importorskip("bpe_openai", reason="the extra `tokens` is not installed")

    def choose(name: str) -> None:
        settings.PARLEY = {**settings.PARLEY, "TOKEN_COUNTER": name}

    return choose


@pytest.mark.parametrize(
    ("vocabulary", "text", "tokens"),
    [
        # As OpenAI's own tiktoken counts them.
        ("o200k_base", "hello world", 2),
        ("cl100k_base", "hello world", 2),
        ("cl100k_base", "お誕生日おめでとう", 9),
        ("o200k_base", "お誕生日おめでとう", 8),
        ("cl100k_base", "antidisestablishmentarianism", 6),
        ("o200k_base", "antidisestablishmentarianism", 6),
        ("o200k_base", "<|endoftext|>", 7),
    ],
)
def test_vocabularies_count_exactly(
    acme: Tenant, exactly: Callable[[str], None], vocabulary: str, text: str, tokens: int
):
    exactly(vocabulary)
    assert counted(append(acme, content=text)) == (tokens, vocabulary)


def test_a_vocabulary_takes_a_text_of_any_length(acme: Tenant, exactly: Callable[[str], None]):
    exactly("o200k_base")
    assert append(acme, content="word " * 250_000).token_count == pytest.approx(250_000, rel=0.001)
