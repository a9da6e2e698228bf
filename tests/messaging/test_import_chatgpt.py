"""The export of a ChatGPT account: the current branch in order, other branches behind it."""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from messaging.models import Conversation, Message
from messaging.transfer.source import SourceBroken, Unusable, chunks_of
from tests.cast import Tenant
from tests.transfer import counts, imported, messages, others

START = 1_714_564_800.25


def node(name: str, parent: str | None, role: str = "user", text: str | None = None, **more: Any) -> Any:
    """A node of the tree; without text one that says nothing."""
    content = more.pop("content", {"content_type": "text", "parts": [text or ""]})
    message = {
        "id": name,
        "author": {"role": role, "name": more.pop("author", None)},
        "create_time": more.pop("create_time", None),
        "content": content,
        "status": "finished_successfully",
        "recipient": more.pop("recipient", "all"),
        "metadata": more.pop("metadata", {}),
    }
    return {"id": name, "parent": parent, "children": [], "message": None if role == "root" else message}


def tree(*nodes: Any, current: str | None, **fields: Any) -> dict[str, Any]:
    mapping = {found["id"]: found for found in nodes}
    for found in nodes:
        if found["parent"] in mapping:
            mapping[found["parent"]]["children"].append(found["id"])
    known = {"conversation_id": "3c6a", "title": "Sunday", "create_time": START, "update_time": START + 60}
    return known | {"mapping": mapping, "current_node": current} | fields


# Asked, answered, asked again in other words (the current branch), and answered twice.
BRANCHED = tree(
    node("root", None, "root"),
    node("hidden", "root", "system"),
    node("q1", "hidden", "user", "open?", create_time=START + 1),
    node("a1", "q1", "assistant", "Yes.", create_time=START + 2, metadata={"model_slug": "gpt-4o"}),
    node("q2", "hidden", "user", "open on Sunday?", create_time=START + 3),
    node("a2", "q2", "assistant", "No.", create_time=START + 4),
    node("a3", "q2", "assistant", "From ten to four.", create_time=START + 5),
    current="a3",
)


def test_the_current_branch_comes_in_order_and_the_others_behind_it(acme: Tenant):
    assert counts(imported(acme, [BRANCHED])[0]) == (1, 5, 0, 0, 0)
    [conversation] = others(acme)
    rows = messages(conversation)
    assert [row.content for row in rows] == ["open on Sunday?", "From ten to four.", "open?", "Yes.", "No."]
    question, _, other, reply, second = rows
    assert question.parent_message_id is None
    assert [row.parent_message_id for row in (other, reply, second)] == [None, other.pk, question.pk]
    assert [(row.meta_data or {}).get("branch") for row in rows] == [None, None, "other", "other", "other"]
    assert (reply.meta_data or {})["model"] == "gpt-4o"


def test_title_and_times_are_those_of_the_account(acme: Tenant):
    imported(acme, [BRANCHED])
    [conversation] = others(acme)
    assert conversation.title == "Sunday"
    assert conversation.created_at.timestamp() == START
    assert conversation.updated_at.timestamp() == START + 60
    assert messages(conversation)[0].created_at.timestamp() == START + 3


def test_it_is_stored_once_and_continued_when_it_grew(acme: Tenant):
    imported(acme, [BRANCHED])
    assert counts(imported(acme, [BRANCHED])[0]) == (0, 0, 1, 5, 0)
    nodes = [{**found, "children": []} for found in BRANCHED["mapping"].values()]
    grown = tree(*nodes, node("q4", "a3", "user", "Thanks!", create_time=START + 9), current="q4")
    assert counts(imported(acme, [grown])[0]) == (0, 1, 1, 5, 0)
    assert messages(others(acme)[0])[-1].content == "Thanks!"


def listed(conversation: Conversation) -> list[str]:
    rows = Message.objects.filter(conversation=conversation).order_by("created_at", "seq")
    return [row.content for row in rows]


def test_a_question_that_was_asked_anew_lists_behind_the_current_branch(acme: Tenant):
    imported(acme, [BRANCHED])
    [conversation] = others(acme)
    assert listed(conversation) == ["open on Sunday?", "From ten to four.", "open?", "Yes.", "No."]
    discarded = conversation.messages.get(content="open?")
    assert discarded.sent_at.timestamp() == START + 1
    assert discarded.created_at > conversation.messages.get(content="From ten to four.").created_at


def test_it_stays_behind_when_the_current_branch_was_continued(acme: Tenant):
    imported(acme, [BRANCHED])
    grown = tree(
        *[{**found, "children": []} for found in BRANCHED["mapping"].values()],
        node("q4", "a3", "user", "Thanks!", create_time=START + 9),
        current="q4",
    )
    report, _ = imported(acme, [grown])
    [conversation] = others(acme)
    assert listed(conversation)[2:] == ["Thanks!", "open?", "Yes.", "No."]
    assert (report.new_messages, report.changed_messages) == (1, 3)
    assert imported(acme, [grown])[0].changed_messages == 0
    latest = conversation.messages.order_by("created_at").last()
    conversation.refresh_from_db()
    assert latest is not None
    assert conversation.last_created_at == latest.created_at


def test_a_turn_that_was_discarded_since_the_last_import_moves_behind(acme: Tenant):
    nodes = [node("q1", None, "user", "open?", create_time=START + 1)]
    nodes.append(node("a1", "q1", "assistant", "Yes.", create_time=START + 2))
    imported(acme, [tree(*nodes, current="a1")])
    asked_anew = tree(
        *[{**found, "children": []} for found in nodes],
        node("q2", None, "user", "open on Sunday?", create_time=START + 8),
        node("a2", "q2", "assistant", "No.", create_time=START + 9),
        current="a2",
    )
    imported(acme, [asked_anew])
    [conversation] = others(acme)
    assert listed(conversation) == ["open on Sunday?", "No.", "open?", "Yes."]
    old, reply = conversation.messages.get(content="open?"), conversation.messages.get(content="Yes.")
    assert [(row.meta_data or {})["branch"] for row in (old, reply)] == ["other", "other"]
    assert (old.parent_message_id, reply.parent_message_id) == (None, old.pk)
    imported(acme, [asked_anew | {"current_node": "a1"}])
    assert listed(conversation) == ["open?", "Yes.", "open on Sunday?", "No."]
    reply.refresh_from_db()
    assert (reply.parent_message_id, "branch" in (reply.meta_data or {})) == (None, False)


def test_a_result_lists_behind_its_call_whatever_their_clocks_say(acme: Tenant):
    source = tree(
        node("q", None, "user", "1 + 1?", create_time=START + 1),
        node("call", "q", "assistant", "1 + 1", recipient="python", create_time=START + 9),
        node("result", "call", "tool", "2", author="python", create_time=START + 5),
        node("a", "result", "assistant", "Two.", create_time=START + 6),
        current="a",
    )
    imported(acme, [source])
    [conversation] = others(acme)
    assert listed(conversation) == ["1 + 1?", "", "2", "Two."]
    assert conversation.last_created_at is not None
    assert conversation.last_created_at.timestamp() == START + 9


def test_an_archived_one_is_archived(acme: Tenant):
    imported(acme, [BRANCHED | {"is_archived": True}])
    assert others(acme)[0].status == "archived"


def test_what_is_said_to_a_tool_is_a_call_and_what_it_answers_the_result(acme: Tenant):
    code = {"content_type": "code", "language": "python", "text": "1 + 1"}
    output = {"content_type": "execution_output", "text": "2"}
    source = tree(
        node("q", None, "user", "1 + 1?"),
        node("call", "q", "assistant", recipient="python", content=code),
        node("result", "call", "tool", author="python", content=output),
        current="result",
    )
    imported(acme, [source])
    _, call, result = messages(others(acme)[0])
    assert call.content == ""
    assert call.tool_calls == [
        {"id": "call", "type": "function", "function": {"name": "python", "arguments": "1 + 1"}}
    ]
    assert (result.role, result.content, result.sender_id) == ("tool", "2", "python")
    assert (result.meta_data or {})["tool_call_id"] == "call"


@pytest.mark.parametrize(
    ("content", "text", "message_type"),
    [
        ({"content_type": "thoughts", "thoughts": [{"summary": "A", "content": "B"}]}, "A\nB", "reasoning"),
        ({"content_type": "reasoning_recap", "content": "Thought for 2s"}, "Thought for 2s", "reasoning"),
        ({"content_type": "tether_quote", "url": "https://a.example", "text": "quoted"}, "quoted", "text"),
        ({"content_type": "tether_browsing_display", "result": "found"}, "found", "text"),
        ({"content_type": "system_error", "name": "E", "text": "refused"}, "refused", "text"),
        ({"content_type": "user_editable_context", "user_profile": "I am Ada"}, "I am Ada", "text"),
        ({"content_type": "text", "parts": ["one", "two"]}, "one\ntwo", "text"),
    ],
)
def test_every_type_of_content_has_a_text(acme: Tenant, content: Any, text: str, message_type: str):
    imported(acme, [tree(node("n", None, "assistant", content=content), current="n")])
    [row] = messages(others(acme)[0])
    assert (row.content, row.message_type) == (text, message_type)


def test_images_and_files_are_attachments(acme: Tenant):
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1", "width": 4}
    content = {"content_type": "multimodal_text", "parts": [pointer, "look"]}
    file = {"id": "file-2", "name": "a.pdf", "mime_type": "application/pdf"}
    imported(acme, [tree(node("n", None, content=content, metadata={"attachments": [file]}), current="n")])
    [row] = messages(others(acme)[0])
    assert row.content == "look"
    assert row.attachments == [
        {"type": "image", "file_id": "sediment://file_1", **pointer},
        {"type": "file", **file},
    ]


def test_what_was_hidden_is_kept_and_marked(acme: Tenant):
    hidden = {"is_visually_hidden_from_conversation": True}
    imported(acme, [tree(node("n", None, "system", "Be brief.", metadata=hidden), current="n")])
    [row] = messages(others(acme)[0])
    assert (row.content, (row.meta_data or {})["hidden"]) == ("Be brief.", True)


def test_without_a_current_node_the_last_branch_is_taken(acme: Tenant):
    imported(acme, [BRANCHED | {"current_node": None}])
    assert [row.content for row in messages(others(acme)[0])][:2] == ["open on Sunday?", "From ten to four."]


def test_a_tree_that_bites_its_tail_comes_to_an_end(acme: Tenant):
    source = tree(node("a", "b", "user", "one"), node("b", "a", "assistant", "two"), current="b")
    assert counts(imported(acme, [source])[0]) == (1, 2, 0, 0, 0)


def test_a_node_without_a_role_names_the_node(acme: Tenant):
    bad = tree(node("q7", None, role="user", text="x"), current="q7", conversation_id="bad")
    bad["mapping"]["q7"]["message"]["author"] = {}
    report, [rejection] = imported(acme, [bad, BRANCHED])
    assert counts(report) == (1, 5, 0, 0, 1)
    assert "mapping.q7" in rejection.reason
    assert rejection.number == 1


def packed(*names: str) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, json.dumps([BRANCHED | {"conversation_id": name}]))
    file.seek(0)
    return file


def test_the_archive_of_the_account_is_read_as_it_comes(acme: Tenant):
    file = packed("user.json", "conversations-000.json", "conversations-001.json")
    assert counts(imported(acme, list(chunks_of(file)))[0]) == (2, 10, 0, 0, 0)


def test_an_archive_without_conversations_is_unusable():
    with pytest.raises(Unusable, match=r"no conversations\.json"):
        list(chunks_of(packed("user.json")))


def test_a_packed_file_is_unpacked(acme: Tenant):
    file = io.BytesIO(gzip.compress(json.dumps([BRANCHED]).encode()))
    assert counts(imported(acme, list(chunks_of(file)))[0]) == (1, 5, 0, 0, 0)


def test_a_small_file_that_unpacks_to_a_large_one_is_stopped():
    file = io.BytesIO(gzip.compress(b"x" * 10_000_000))
    with pytest.raises(SourceBroken, match="larger than"):
        list(chunks_of(file, limit=1_000_000))
