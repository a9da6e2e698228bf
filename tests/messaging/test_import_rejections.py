"""What cannot be stored is refused with its place and reason, as on the wire; the rest is imported."""

from typing import Any

import pytest

from messaging.models import Conversation
from messaging.transfer.source import SourceBroken, Unusable
from tests.cast import Tenant
from tests.transfer import counts, exported, imported, lines, messages, others

GOOD = {"messages": [{"role": "user", "content": "good"}]}


def chat(**message: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "x"} | message]}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"messages": [', "Not JSON"),
        (b'{"messages": [{"role": "user", "content": "a\\u0000b"}]}', "messages.0.content: Text must not"),
        (b'{"messages": [{"role": "user", "content": "\\ud800"}]}', "half of a surrogate pair"),
        (b'{"messages": [{"role": "user", "content": "x", "n": NaN}]}', "finite number"),
        (
            b'{"messages": [{"role": "user", "content": "x", "n": ' + b"[" * 200 + b"]" * 200 + b"}]}",
            "Nesting",
        ),
        (b'{"messages": [{"role": "user", "content": "\xff"}]}', "not valid UTF-8"),
        (lines(chat(role="r" * 65)).strip(), "Message 1: role: String should have at most 64 characters"),
        (lines(chat(name="n" * 256)).strip(), "Message 1: sender_id: String should have at most 255"),
        (lines(chat(tool_calls=["x"])).strip(), "Message 1: tool_calls.0"),
        (lines(chat(content=7)).strip(), "Message 1: content is neither a text nor a list"),
        (lines(chat(tool_calls=[0] * 10_001)).strip(), "tool_calls has more than 10000 items"),
        (lines({"messages": []}).strip(), "Holds no list of messages"),
        (lines({"messages": [{"content": "x"}]}).strip(), "Holds no list of messages"),
        (b"7", "Holds no list of messages"),
    ],
)
def test_a_bad_record_is_named_and_the_others_are_stored(acme: Tenant, bad: bytes, reason: str):
    source = lines(GOOD) + bad + b"\n" + lines({"messages": [{"role": "user", "content": "also good"}]})
    report, [rejection] = imported(acme, source)
    assert counts(report) == (2, 2, 0, 0, 1)
    assert (rejection.number, rejection.line) == (2, 2)
    assert reason in rejection.reason


def test_a_conversation_with_a_bad_message_is_not_stored_by_half(acme: Tenant):
    bad = {"messages": [*GOOD["messages"], {"role": "r" * 65, "content": "bad"}]}
    assert counts(imported(acme, lines(bad))[0]) == (0, 0, 0, 0, 1)
    assert others(acme) == []


def test_a_list_of_messages_with_a_bad_one_is_not_stored_by_half(acme: Tenant):
    source = b'[{"role": "user", "content": "one"}, {"role": nope}, {"role": "user", "content": "two"}]'
    report, rejections = imported(acme, source)
    assert counts(report) == (0, 0, 0, 0, 2)
    assert "Not JSON" in rejections[0].reason
    assert rejections[1].reason == "Not stored, for 1 of its messages cannot be read"


def test_a_source_that_breaks_off_keeps_what_came(acme: Tenant):
    def broken() -> Any:
        yield lines(GOOD)
        raise SourceBroken("The source breaks off: pulled")

    report, [rejection] = imported(acme, broken())
    assert counts(report) == (1, 1, 0, 0, 1)
    assert "pulled" in rejection.reason


@pytest.mark.parametrize("source", [b"", b" \n ", b"[]", b'{"a": 1}\n', b"[1, 2]", b'"text"'])
def test_what_is_of_no_known_format_is_unusable(acme: Tenant, source: bytes):
    with pytest.raises(Unusable):
        imported(acme, source)


def test_another_version_of_our_export_is_unusable(acme: Tenant):
    with pytest.raises(Unusable, match="version 1"):
        imported(acme, lines({"type": "export", "format": "parley", "version": 2}, {"type": "end"}))


def test_a_dry_run_counts_and_stores_nothing(acme: Tenant):
    report, rejections = imported(acme, lines(GOOD) + b"{\n" + lines(GOOD), dry_run=True)
    assert counts(report) == (2, 2, 0, 0, 1)
    assert others(acme) == []


def test_a_conversation_that_a_run_holds_is_refused(acme: Tenant, api: Any):
    source = exported(acme).replace(b"opening hours", b"opening times")
    api.post(f"/v1/threads/{acme.conversation.pk}/runs", {"agent_id": "a"})
    extra = lines(
        {
            "type": "message",
            "id": "x1",
            "conversation_id": acme.conversation.pk,
            "role": "user",
            "content": "late",
        }
    )
    head, end = source.rsplit(b'{"type":"end"', 1)
    report, rejections = imported(acme, head + extra + b'{"type":"end"' + end)
    assert report.new_messages == 0
    assert {rejection.line for rejection in rejections} == {3, 4, 5}
    assert "Locked by run_" in rejections[0].reason


def test_one_message_that_the_database_refuses_spoils_no_other(acme: Tenant, monkeypatch: Any):
    from django.db import IntegrityError

    from messaging.services.imports import conversations as imports

    def store(state: Any, rows: Any, writer: Any, **options: Any) -> None:
        if any(row.content == "bad" for row in rows):
            raise IntegrityError("refused")
        original(state, rows, writer, **options)

    original: Any = vars(imports)["store"]
    monkeypatch.setattr(imports, "store", store)
    header = {"type": "conversation", "id": "c"}
    said = [
        {"type": "message", "id": str(n), "conversation_id": "c", "role": "user", "content": text}
        for n, text in enumerate(["one", "bad", "two"])
    ]
    report, [rejection] = imported(acme, lines(header, *said))
    assert counts(report) == (1, 2, 0, 0, 1)
    assert (rejection.line, "refused" in rejection.reason) == (3, True)
    assert [row.content for row in messages(others(acme)[0])] == ["one", "two"]


def test_counts_stay_right_whatever_was_rejected(acme: Tenant):
    imported(acme, lines(GOOD, {"messages": []}, GOOD))
    for conversation in Conversation.objects.for_workspace(acme.workspace.pk):
        assert conversation.message_count == len(messages(conversation)) == conversation.last_seq
