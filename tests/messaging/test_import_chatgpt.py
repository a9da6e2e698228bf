"""The export of a ChatGPT account: the current branch in order, other branches behind it."""

import gzip
import io
import json
import zipfile
from typing import Any

import pytest

from messaging.models import Conversation, Message
from messaging.testing import make_message
from messaging.transfer.source import Budget, SourceBroken, Unusable, chunks_of
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
    assert [row.superseded_by for row in rows] == [None, None, question.pk, question.pk, rows[1].pk]
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
    question = conversation.messages.get(content="open on Sunday?")
    assert [row.superseded_by for row in (old, reply)] == [question.pk, question.pk]
    assert (old.parent_message_id, reply.parent_message_id) == (None, old.pk)
    imported(acme, [asked_anew | {"current_node": "a1"}])
    assert listed(conversation) == ["open?", "Yes.", "open on Sunday?", "No."]
    reply.refresh_from_db()
    assert (reply.parent_message_id, reply.superseded_by) == (None, None)
    question.refresh_from_db()
    assert question.superseded_by == old.pk
    conversation.refresh_from_db()
    assert (conversation.message_count, conversation.superseded_count) == (4, 2)


def test_of_several_branches_each_is_superseded_by_the_next_and_the_last_by_the_current_one(acme: Tenant):
    first, *others_anew = [node(name, "q", "assistant", name) for name in ("a1", "a2", "a3", "a4")]
    follow_up = node("f1", "a1", "user", "f1")
    asked = node("q", None, "user", "q")
    imported(acme, [tree(asked, first, follow_up, *others_anew, current="a3")])
    [conversation] = others(acme)
    texts = {row.pk: row.content for row in messages(conversation)}
    took = {row.content: texts.get(row.superseded_by or "") for row in messages(conversation)}
    assert took == {"q": None, "a3": None, "a1": "a2", "f1": "a2", "a2": "a4", "a4": "a3"}


def test_what_was_generated_anew_here_stays_in_its_place_when_the_account_is_imported_again(acme: Tenant):
    imported(acme, [BRANCHED])
    [conversation] = others(acme)
    answer = conversation.messages.get(content="From ten to four.")
    anew = make_message(conversation, "Until four.", role="assistant", supersedes=answer.pk)
    imported(acme, [BRANCHED])
    answer.refresh_from_db()
    assert answer.superseded_by == anew.pk


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


def test_a_conversation_that_comes_twice_is_one(acme: Tenant):
    nodes = [{**one, "children": []} for one in BRANCHED["mapping"].values()]
    grown = tree(*nodes, node("q4", "a3", "user", "Thanks!", create_time=START + 9), current="q4")
    assert counts(imported(acme, [BRANCHED, grown])[0]) == (1, 6, 1, 5, 0)
    assert listed(others(acme)[0])[:3] == ["open on Sunday?", "From ten to four.", "Thanks!"]


def test_conversations_without_an_id_are_kept_and_known_again(acme: Tenant):
    source = [BRANCHED | {"conversation_id": None}, BRANCHED | {"conversation_id": 7, "title": "Monday"}]
    assert counts(imported(acme, source)[0]) == (2, 10, 0, 0, 0)
    assert counts(imported(acme, source)[0]) == (0, 0, 2, 10, 0)


def bare(name: str, text: str, **more: Any) -> dict[str, Any]:
    """A node that names no children."""
    plain = node(name, more.pop("parent", None), "user", text, **more)
    del plain["children"]
    return {name: plain}


def test_a_tree_without_children_and_out_of_order_is_rebuilt_from_its_parents(acme: Tenant):
    mapping = bare("c", "three", parent="b") | bare("a", "one") | bare("b", "two", parent="a")
    imported(acme, [{"id": "x", "mapping": mapping}])
    assert listed(others(acme)[0]) == ["one", "two", "three"]


def test_nodes_that_name_no_others_follow_each_other_by_time(acme: Tenant):
    times = {"b": START + 2, "a": START + 1, "c": START + 3}
    mapping: dict[str, Any] = {}
    for name, time in times.items():
        mapping |= bare(name, name, create_time=time)
    imported(acme, [{"id": "x", "mapping": mapping}])
    assert listed(others(acme)[0]) == ["a", "b", "c"]


def test_of_two_roots_that_with_the_newest_message_is_current(acme: Tenant):
    source = tree(
        node("r1", None, "user", "one", create_time=START + 1),
        node("r2", None, "user", "anew", create_time=START + 5),
        node("a2", "r2", "assistant", "two", create_time=START + 6),
        node("a1", "r1", "assistant", "old", create_time=START + 2),
        current=None,
    )
    imported(acme, [source])
    assert listed(others(acme)[0]) == ["anew", "two", "one", "old"]


@pytest.mark.parametrize("time", [None, -5, 0, "yesterday", "", True, {"at": 1}, 10**30])
def test_a_time_that_is_none_becomes_that_of_the_message_in_front(acme: Tenant, time: Any):
    source = tree(
        node("q", None, "user", "one", create_time=START + 1),
        node("a", "q", "assistant", "two", create_time=time),
        current="a",
    )
    imported(acme, [source])
    assert [row.sent_at.timestamp() for row in messages(others(acme)[0])] == [START + 1] * 2


@pytest.mark.parametrize("time", [START * 1000, str(START), "2024-05-01T12:00:00.250Z"])
def test_a_time_in_another_spelling_is_read(acme: Tenant, time: Any):
    imported(acme, [tree(node("q", None, "user", "one", create_time=time), current="q")])
    assert messages(others(acme)[0])[0].sent_at.timestamp() == START


def test_a_time_that_nobody_understands_is_kept_as_data(acme: Tenant):
    imported(acme, tree(node("q", None, "user", "open?", create_time="last spring"), current="q"))
    [message] = messages(Conversation.objects.get(title="Sunday"))
    assert message.meta_data["chatgpt"]["create_time"] == "last spring"


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
    assert (result.role, result.content, result.sender_id) == ("tool", "2", "anonymous")
    assert (result.meta_data or {})["name"] == "python"
    assert (result.meta_data or {})["tool_call_id"] == "call"


@pytest.mark.parametrize(
    ("content", "text", "message_type"),
    [
        ({"content_type": "thoughts", "thoughts": [{"summary": "A", "content": "B"}]}, "A\nB", "reasoning"),
        ({"content_type": "reasoning_recap", "content": "Thought for 2s"}, "Thought for 2s", "reasoning"),
        ({"content_type": "tether_quote", "url": "https://a.example", "text": "quoted"}, "quoted", "text"),
        ({"content_type": "tether_browsing_display", "result": "found"}, "found", "text"),
        ({"content_type": "system_error", "name": "E", "text": "refused"}, "refused", "error"),
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
        {"type": "image", "file_id": "sediment://file_1", "asset_pointer": "sediment://file_1", "width": 4},
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


def test_a_message_without_an_author_is_kept_as_of_nobody_known(acme: Tenant):
    source = tree(node("q7", None, role="user", text="x"), current="q7")
    source["mapping"]["q7"]["message"]["author"] = {}
    assert counts(imported(acme, [source])[0]) == (1, 1, 0, 0, 0)
    assert [row.role for row in messages(others(acme)[0])] == ["unknown"]


def test_a_message_that_cannot_be_stored_costs_itself_and_is_named(acme: Tenant):
    source = tree(
        node("q1", None, "user", "one"),
        node("a1", "q1", "r" * 65, "two"),
        node("q2", "a1", "user", "three"),
        current="q2",
    )
    report, [rejection] = imported(acme, [source, BRANCHED | {"conversation_id": "other"}])
    assert counts(report) == (2, 7, 0, 0, 1)
    assert "mapping.a1: role: String should have at most 64" in rejection.reason
    assert rejection.number == 1
    assert ["one", "three"] in [[row.content for row in messages(found)] for found in others(acme)]


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", float("nan")])
def test_a_value_that_no_database_holds_costs_its_message(acme: Tenant, bad: Any):
    source = tree(node("q1", None, "user", "one"), node("a1", "q1", "assistant", "two"), current="a1")
    source["mapping"]["a1"]["message"]["metadata"] = {"odd": bad}
    report, [rejection] = imported(acme, [source])
    assert counts(report) == (1, 1, 0, 0, 1)
    assert rejection.reason.startswith("mapping.a1.metadata.odd: ")


def packed(*names: str) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, json.dumps([BRANCHED | {"conversation_id": name}]))
    file.seek(0)
    return file


def test_the_archive_of_the_account_is_read_as_it_comes(acme: Tenant):
    file = packed("user.json", "conversations-000.json", "conversations-001.json")
    assert counts(imported(acme, file)[0]) == (2, 10, 0, 0, 0)


def test_an_archive_without_conversations_is_unusable(acme: Tenant):
    with pytest.raises(Unusable, match=r"no conversations\.json. It holds: user\.json"):
        imported(acme, packed("user.json"))


def test_a_packed_file_is_unpacked(acme: Tenant):
    file = io.BytesIO(gzip.compress(json.dumps([BRANCHED]).encode()))
    assert counts(imported(acme, file)[0]) == (1, 5, 0, 0, 0)


def test_a_small_file_that_unpacks_to_a_large_one_is_stopped():
    file = io.BytesIO(gzip.compress(b"x" * 10_000_000))
    with pytest.raises(SourceBroken, match="larger than"):
        list(chunks_of(file, Budget(1_000_000)))
