"""The export of a Claude account: blocks as parts, attachments as files, branches as in the tree."""

import io
import json
import zipfile
from typing import Any

import pytest

from messaging.models import Conversation, Message, StoredObject
from messaging.services import Writer
from messaging.services.reading import parts_of_messages
from messaging.transfer.kinds import Outcome
from tests.cast import Tenant
from tests.transfer import counts, imported, messages, others

NO_PARENT = "00000000-0000-4000-8000-000000000000"


def said(uuid: str, sender: str, text: str = "", *blocks: Any, **more: Any) -> dict[str, Any]:
    content = [*blocks] or [{"type": "text", "text": text, "citations": []}]
    minute = int(uuid[1:] or 0) if uuid[1:].isdecimal() else 0
    time = f"2026-05-01T12:{minute:02}:00.000000Z"
    base = {"uuid": uuid, "sender": sender, "text": text, "content": content}
    return base | {"created_at": time, "updated_at": time, "attachments": [], "files": []} | more


def chat(*listed: Any, **more: Any) -> dict[str, Any]:
    about = {"uuid": "c1", "name": "Sunday", "summary": "", "account": {"uuid": "u1"}}
    times = {"created_at": "2026-05-01T12:00:00Z", "updated_at": "2026-05-01T13:00:00Z"}
    return {**about, **times, "chat_messages": list(listed), **more}


def shown(row: Message) -> list[dict[str, Any]]:
    return parts_of_messages([row], workspace_id=row.workspace_id, link=str)[row.pk]


def listed(conversation: Conversation) -> list[str]:
    rows = Message.objects.filter(conversation=conversation).order_by("created_at", "seq")
    return [row.content for row in rows]


TWO = chat(said("m1", "human", "Open on Sunday?"), said("m2", "assistant", "From ten to four."))


@pytest.mark.parametrize("source", [[TWO], TWO, {"conversations": [TWO]}], ids=["list", "object", "wrapped"])
def test_a_chat_is_a_conversation_and_stored_once(acme: Tenant, source: Any):
    assert counts(imported(acme, source)[0]) == (1, 2, 0, 0, 0)
    [conversation] = others(acme)
    assert conversation.title == "Sunday"
    assert [(row.role, row.content) for row in messages(conversation)] == [
        ("user", "Open on Sunday?"),
        ("assistant", "From ten to four."),
    ]
    assert conversation.meta_data == {"claude": {"uuid": "c1", "account": {"uuid": "u1"}}}
    assert counts(imported(acme, source)[0]) == (0, 0, 1, 2, 0)


def test_the_archive_is_read_and_its_other_files_are_named(acme: Tenant):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("conversations.json", json.dumps([TWO]))
        archive.writestr("users.json", "[]")
        archive.writestr("projects.json", "[]")
    report, _ = imported(acme, file)
    assert counts(report) == (1, 2, 0, 0, 0)
    assert report.not_read == ["projects.json", "users.json"]


def test_blocks_are_parts_in_their_order(acme: Tenant):
    blocks = [
        {"type": "thinking", "thinking": "Let me look.", "summaries": [{"summary": "Looking"}]},
        {"type": "text", "text": "I look it up.", "citations": []},
        {"type": "tool_use", "id": "t1", "name": "hours", "input": {"day": "sunday"}},
        {
            "type": "tool_result",
            "tool_use_id": "t1",
            "name": "hours",
            "content": [{"type": "text", "text": "10-16"}],
            "is_error": False,
        },
        {"type": "text", "text": "From ten to four."},
    ]
    placeholder = "I look it up.\n```\nThis block is not supported\n```\nFrom ten to four."
    report, _ = imported(acme, [chat(said("m1", "assistant", placeholder, *blocks))])
    [row] = messages(others(acme)[0])
    assert row.content == "I look it up.\nFrom ten to four."
    parts = shown(row)
    assert [part["type"] for part in parts] == ["reasoning", "text", "tool-call", "tool-result", "text"]
    assert (parts[2]["tool_call_id"], parts[2]["args"]) == ("t1", {"day": "sunday"})
    assert (parts[3]["tool_call_id"], parts[3]["output"], parts[3]["is_error"]) == ("t1", "10-16", False)
    assert (row.meta_data or {})["claude"]["text"] == placeholder
    assert {kind: count for (kind, _), count in report.kinds.items()} == {
        "thinking": 1, "text": 2, "tool_use": 1, "tool_result": 1,
    }  # fmt: skip


def test_a_result_without_an_id_answers_the_last_open_call_of_its_tool(acme: Tenant):
    blocks = [
        {"type": "tool_use", "name": "hours", "input": {}},
        {"type": "tool_use", "name": "weather", "input": {}},
        {"type": "tool_result", "name": "hours", "content": "10-16", "is_error": True},
    ]
    imported(acme, [chat(said("m1", "assistant", "", *blocks))])
    call, _, result = shown(messages(others(acme)[0])[0])
    assert call["tool_call_id"] == result["tool_call_id"]
    assert result["is_error"] is True


def test_what_is_too_large_for_a_row_is_a_stored_object(acme: Tenant):
    page = "page " * 20_000
    blocks = [
        {"type": "tool_use", "id": "t1", "name": "read", "input": {"url": "https://a.example"}},
        {"type": "tool_result", "tool_use_id": "t1", "name": "read", "content": page, "is_error": False},
    ]
    imported(acme, [chat(said("m1", "assistant", "", *blocks))])
    [row] = messages(others(acme)[0])
    stored = StoredObject.objects.get(message=row)
    ref = shown(row)[1]["output_ref"]
    assert (ref["object_id"], ref["preview_text"]) == (stored.pk, page[:256])
    with stored.open() as file:
        assert file.read().decode() == page


@pytest.mark.parametrize(
    "block",
    [
        {"type": "hologram", "frames": [1, 2]},
        {"type": "text", "text": 7},
        {"type": "redacted_thinking", "data": "x"},
        {"type": "tool_use", "input": {"a": 1}},
        {"words": "without a type"},
        ["a", "list"],
    ],
)
def test_a_block_that_nobody_foresaw_is_kept_as_data(acme: Tenant, block: Any):
    report, _ = imported(acme, [chat(said("m1", "assistant", "", block))])
    [part] = shown(messages(others(acme)[0])[0])
    assert (part["type"], part["data"]) == ("data", block)
    assert [outcome for _, outcome in report.kinds] == [Outcome.DATA]


def test_the_sender_is_the_end_user_whoever_speaks(acme: Tenant):
    source = [chat(said("m1", "human", "Hi"), said("m2", "assistant", "Hello"))]
    imported(acme, source, writer=Writer(user_id="ada"))
    assert [row.sender_id for row in messages(others(acme)[0])] == ["ada", "ada"]


def test_a_block_that_steers_the_model_is_hidden_and_kept(acme: Tenant):
    budget = {"type": "token_budget", "remaining": 1000}
    report, _ = imported(acme, [chat(said("m1", "assistant", "Hi", {"type": "text", "text": "Hi"}, budget))])
    [row] = messages(others(acme)[0])
    assert (row.meta_data or {})["claude"]["blocks"] == [budget]
    assert report.kinds["token_budget", Outcome.HIDDEN] == 1


def test_what_only_the_text_says_is_the_text(acme: Tenant):
    imported(
        acme, [chat(said("m1", "human", "Hello", content=[]), said("m2", "assistant", "Hi", content=None))]
    )
    assert listed(others(acme)[0]) == ["Hello", "Hi"]


def test_the_text_of_an_attachment_is_a_stored_object_with_its_name(acme: Tenant):
    words = "paper " * 20_000
    attachment = {"file_name": "paper.pdf", "file_type": "pdf", "file_size": 9, "extracted_content": words}
    picture = {"file_name": "photo.png", "file_uuid": "f1"}
    report, _ = imported(
        acme,
        [chat(said("m1", "human", "See", attachments=[attachment], files=[picture], files_v2=[picture]))],
    )
    [row] = messages(others(acme)[0])
    stored = StoredObject.objects.get(message=row)
    first, second = row.attachments or []
    assert (first["name"], first["object_id"], first["file_type"]) == ("paper.pdf", stored.pk, "pdf")
    assert (second["name"], "object_id" in second) == ("photo.png", False)
    with stored.open() as file:
        assert file.read().decode() == words
    assert (stored.preview_text, stored.truncated) == (words[:256], True)
    assert (report.files, report.missing, report.missing_files) == (1, 1, ["photo.png"])


def test_a_long_paste_is_what_the_user_said(acme: Tenant):
    paste = {"file_name": "", "file_type": "txt", "extracted_content": "a long paste"}
    imported(acme, [chat(said("m1", "human", "", attachments=[paste]))])
    assert listed(others(acme)[0]) == ["a long paste"]


BRANCHES = [
    said("m1", "human", "one", parent_message_uuid=NO_PARENT),
    said("m2", "assistant", "two", parent_message_uuid="m1"),
    said("m3", "human", "three", parent_message_uuid="m2"),
    said("m4", "human", "three anew", parent_message_uuid="m2"),
    said("m5", "assistant", "four", parent_message_uuid="m4"),
]


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("leaf", "expected"),
    [
        (None, ["one", "two", "three anew", "four", "three"]),
        ("m3", ["one", "two", "three", "three anew", "four"]),
        ("m9", ["one", "two", "three anew", "four", "three"]),
    ],
)
def test_the_branch_of_the_current_leaf_comes_first(acme: Tenant, order: int, leaf: Any, expected: list[str]):
    imported(acme, [chat(*BRANCHES[::order], current_leaf_message_uuid=leaf)])
    [conversation] = others(acme)
    assert listed(conversation) == expected
    superseders = {row.content: row.superseded_by for row in messages(conversation)}
    took = conversation.messages.get(pk=superseders[expected[-1]]).content
    assert (superseders["one"], took) == (None, expected[2])


def test_two_first_messages_are_two_branches(acme: Tenant):
    first, second = (
        said("m1", "human", "one", parent_message_uuid=NO_PARENT),
        said("m2", "human", "one anew", parent_message_uuid=NO_PARENT),
    )
    imported(acme, [chat(first, second)])
    assert listed(others(acme)[0]) == ["one anew", "one"]


def test_the_list_wins_over_times_that_do_not_rise(acme: Tenant):
    late, early, none = "2026-05-01T12:09:00Z", "2026-05-01T12:01:00Z", None
    given = [said(f"m{n}", "human", str(n), created_at=time) for n, time in enumerate((late, early, none))]
    imported(acme, [chat(*given)])
    assert listed(others(acme)[0]) == ["0", "1", "2"]


def test_two_messages_of_one_id_are_both_kept(acme: Tenant):
    source = [chat(said("m1", "human", "one"), said("m1", "assistant", "two"))]
    assert counts(imported(acme, source)[0]) == (1, 2, 0, 0, 0)
    assert counts(imported(acme, source)[0]) == (0, 0, 1, 2, 0)


@pytest.mark.parametrize("odd", ["a text", 7, ["list"], {"uuid": "m9", "words": "x"}])
def test_a_message_of_another_shape_is_kept_as_data(acme: Tenant, odd: Any):
    assert counts(imported(acme, [chat(said("m1", "human", "one"), odd)])[0]) == (1, 2, 0, 0, 0)
    row = messages(others(acme)[0])[1]
    assert (row.role, shown(row)[0]["type"]) == ("unknown", "data")


def test_a_bad_message_costs_itself(acme: Tenant):
    raw = json.dumps(
        [chat(said("m1", "human", "one"), said("m2", "human", "b\ud800d"), said("m3", "human", "three"))]
    )
    report, [rejection] = imported(acme, raw.encode())
    assert counts(report) == (1, 2, 0, 0, 1)
    assert "chat_messages.m2.text" in rejection.reason
    assert "surrogate" in rejection.reason


def test_a_bad_title_costs_itself(acme: Tenant):
    report, [rejection] = imported(acme, [TWO | {"name": "a\0b"}])
    assert counts(report) == (1, 2, 0, 0, 1)
    assert rejection.reason.startswith("name: Text must not contain the NUL")
    assert others(acme)[0].title is None


def test_conversations_without_an_id_are_kept_and_known_again(acme: Tenant):
    source = [chat(said("m1", "human", text), uuid=None) for text in ("one", "one", "two")]
    assert counts(imported(acme, source)[0]) == (3, 3, 0, 0, 0)
    assert counts(imported(acme, source)[0]) == (0, 0, 3, 3, 0)
