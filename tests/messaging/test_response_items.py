"""Items of OpenAI's Responses as messages, and messages as such items. Each rule was somebody's bug."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messaging.content import (
    attachments_of,
    calls_of,
    derived_parts,
    fields_of_item,
    item_id_of,
    items_in,
    items_of_message,
    message_of_item_id,
    results_shown,
    text_of,
)
from messaging.values.ids import new_id

CALL = {"type": "function_call", "call_id": "c", "name": "find", "arguments": '{"n": 1}'}
PNG = "data:image/png;base64,QUJD"


def row(**fields: Any) -> dict[str, Any]:
    empty = dict.fromkeys(("tool_calls", "attachments", "meta_data", "derived_meta_data", "item_id"))
    base = {"id": "msg_01jd2y3vwkf7ks3m5c1f8n4q2r", "role": "assistant", "content": ""}
    return empty | base | {"structured_content": None, "content_dialect": None} | fields


def written(item: dict[str, Any]) -> dict[str, Any]:
    """The columns of the message that keeps this item."""
    fields = fields_of_item(item)
    kinds = items_in(fields["structured_content"])
    return row(**fields) | {
        "content": text_of(kinds),
        "tool_calls": calls_of(kinds),
        "attachments": attachments_of(kinds),
        "derived_meta_data": results_shown(fields["role"], kinds),
    }


def parts_of(message: dict[str, Any]) -> list[Any]:
    return derived_parts(message, str)


def shown(message: dict[str, Any]) -> list[dict[str, Any]]:
    return items_of_message(message, parts_of(message))


# item: role, text, types of the parts
KINDS: list[tuple[dict[str, Any], str, str, list[str]]] = [
    ({"role": "user", "content": "hi"}, "user", "hi", ["text"]),
    ({"type": "message", "role": "developer", "content": "be brief"}, "developer", "be brief", ["text"]),
    (
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "what"},
                {"type": "input_image", "detail": "original", "image_url": PNG},
                {"type": "input_file", "file_id": "f", "filename": "a.pdf"},
            ],
        },
        "user",
        "what",
        ["text", "file", "file"],
    ),
    (
        {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "no"}],
        },
        "assistant",
        "a\nno",
        ["text", "text"],
    ),
    (CALL, "assistant", "", ["tool-call"]),
    ({"type": "function_call_output", "call_id": "c", "output": "ok"}, "tool", "ok", ["tool-result"]),
    (
        {
            "type": "function_call_output",
            "call_id": "c",
            "output": [{"type": "input_text", "text": "see"}, {"type": "input_image", "image_url": PNG}],
        },
        "tool",
        "see",
        ["tool-result", "file"],
    ),
    (
        {"type": "custom_tool_call", "call_id": "c", "name": "sh", "input": "ls"},
        "assistant",
        "",
        ["tool-call"],
    ),
    ({"type": "custom_tool_call_output", "call_id": "c", "output": "a"}, "tool", "a", ["tool-result"]),
    (
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
        "assistant",
        "",
        ["reasoning"],
    ),
    (
        {"type": "file_search_call", "id": "fs_1", "queries": ["q"], "results": [{"text": "r"}]},
        "assistant",
        "",
        ["tool-call", "tool-result"],
    ),
    (
        {"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}},
        "assistant",
        "",
        ["tool-call"],
    ),
    (
        {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "c", "outputs": None},
        "assistant",
        "",
        ["tool-call"],
    ),
    (
        {"type": "mcp_call", "id": "mcp_1", "name": "f", "arguments": "{}", "error": "down"},
        "assistant",
        "",
        ["tool-call", "tool-result"],
    ),
    ({"type": "image_generation_call", "id": "ig_1", "result": "QUJD"}, "assistant", "", ["file"]),
    ({"type": "computer_call", "call_id": "c", "action": {"type": "click"}}, "assistant", "", ["tool-call"]),
    (
        {
            "type": "computer_call_output",
            "call_id": "c",
            "output": {"type": "computer_screenshot", "image_url": PNG},
        },
        "tool",
        "",
        ["tool-result", "file"],
    ),
    (
        {"type": "local_shell_call", "call_id": "c", "action": {"command": ["ls"]}},
        "assistant",
        "",
        ["tool-call"],
    ),
    ({"type": "local_shell_call_output", "id": "c", "output": "a"}, "tool", "a", ["tool-result"]),
    ({"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}}, "assistant", "", ["tool-call"]),
    ({"type": "apply_patch_call", "call_id": "c", "operation": {}}, "assistant", "", ["tool-call"]),
    ({"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": []}, "assistant", "", ["data"]),
    ({"type": "compaction", "id": "cmp_1", "encrypted_content": "x"}, "assistant", "", ["data"]),
    ({"type": "nobody_foresaw_it", "role": "user", "x": [1]}, "user", "", ["data"]),
    ({"type": "function_call", "name": 7}, "assistant", "", ["data"]),
]


@pytest.mark.parametrize(("item", "role", "text", "types"), KINDS, ids=lambda it: str(it)[:40])
def test_an_item_is_a_message_with_parts(item: dict[str, Any], role: str, text: str, types: list[str]):
    message = written(item)
    assert (message["role"], message["content"]) == (role, text)
    assert [part["type"] for part in parts_of(message)] == types


@pytest.mark.parametrize(("item", "role", "text", "types"), KINDS, ids=lambda it: str(it)[:40])
def test_an_item_comes_back_as_it_was_sent(item: dict[str, Any], role: str, text: str, types: list[str]):
    [back] = shown(written(item))
    required = {"id", "type", "status"} if back["type"] in ("message", "function_call") else {"id", "type"}
    required |= {"status"} if back["type"] == "function_call_output" else set()
    assert back.keys() == item.keys() | required
    assert {name: value for name, value in back.items() if name in item and name != "content"} == {
        name: value for name, value in item.items() if name != "content"
    }
    assert shown(written(back)) == [back]


@pytest.mark.parametrize(
    ("role", "content"),
    [
        ("user", [{"type": "input_text", "text": "hi"}]),
        ("system", [{"type": "input_text", "text": "hi"}]),
        ("developer", [{"type": "input_text", "text": "hi"}]),
        ("assistant", [{"type": "output_text", "text": "hi", "annotations": []}]),
    ],
)
def test_a_text_becomes_an_item_of_the_content(role: str, content: list[Any]):
    [item] = shown(written({"role": role, "content": "hi"}))
    assert (item["content"], item["status"], item["type"]) == (content, "completed", "message")


def test_a_null_status_does_not_come_back():
    reasoning: dict[str, Any] = {"id": "rs_1", "type": "reasoning", "summary": [], "status": None}
    assert shown(written(reasoning)) == [{"id": "rs_1", "type": "reasoning", "summary": []}]
    [item] = shown(written({"role": "user", "content": "x", "status": None}))
    assert item["status"] == "completed"


def test_a_result_keeps_its_call_on_every_wire():
    message = written({"type": "function_call_output", "call_id": "c", "output": "Error: no"})
    assert message["derived_meta_data"] == {"tool_call_id": "c", "name": "", "is_error": True}
    [part] = parts_of(message)
    assert (part["tool_call_id"], part["output"], part["is_error"]) == ("c", "Error: no", True)


def test_arguments_are_those_that_the_model_wrote():
    message = written(CALL)
    assert message["tool_calls"][0]["function"] == {"name": "find", "arguments": '{"n": 1}'}
    assert parts_of(message)[0]["args"] == {"n": 1}


class TestMessagesOfOtherWires:
    def test_a_text_with_calls_is_one_item_and_one_for_each_call(self):
        calls = [{"id": f"c{n}", "function": {"name": "f", "arguments": '{"n":1}'}} for n in range(2)]
        items = shown(row(content="Let me look.", tool_calls=calls))
        assert [item["type"] for item in items] == ["message", "function_call", "function_call"]
        assert [item.get("call_id") for item in items] == [None, "c0", "c1"]
        assert items[0]["content"] == [{"type": "output_text", "text": "Let me look.", "annotations": []}]
        assert items[1] == {
            "id": "fc_01jd2y3vwkf7ks3m5c1f8n4q2r_1",
            "type": "function_call",
            "call_id": "c0",
            "name": "f",
            "arguments": '{"n":1}',
            "status": "completed",
        }

    def test_a_result(self):
        meta_data = {"tool_call_id": "c", "name": "f"}
        [item] = shown(row(role="tool", content="42", meta_data=meta_data))
        assert (item["type"], item["call_id"], item["output"]) == ("function_call_output", "c", "42")

    def test_files(self):
        files = [{"type": "image", "url": PNG}, {"file_id": "f"}, {"url": "https://example.com/a.pdf"}]
        [item] = shown(row(role="user", content="see", attachments=files))
        assert item["content"] == [
            {"type": "input_text", "text": "see"},
            {"type": "input_image", "detail": "auto", "image_url": PNG},
            {"type": "input_file", "file_id": "f"},
            {"type": "input_file", "file_url": "https://example.com/a.pdf"},
        ]

    def test_a_message_without_anything_is_an_item_too(self):
        [item] = shown(row(role="critic"))
        assert (item["role"], item["content"]) == ("critic", [])

    def test_a_role_of_ones_own_is_unknown(self):
        assert shown(row(role="narrator", content="x"))[0]["role"] == "unknown"

    def test_a_call_without_an_id_can_be_answered(self):
        [call] = shown(row(tool_calls=[{"function": {"name": "f", "arguments": "{}"}}]))
        assert call["call_id"].startswith("call_")
        assert len(call["call_id"]) <= 64


class TestIds:
    @pytest.mark.parametrize("number", [0, 1, 12])
    @pytest.mark.parametrize("kind", ["message", "function_call", "reasoning", "whatever"])
    def test_they_lead_back_to_the_message(self, kind: str, number: int):
        message_id = new_id("msg")
        item_id = item_id_of(message_id, kind, number)
        assert message_of_item_id(item_id) == (message_id, number)
        assert len(item_id) <= 64

    @pytest.mark.parametrize("item_id", ["", "msg_1", "msg_" + "a" * 48, "x", "fc_" + "0" * 26 + "_0"])
    def test_other_ids_lead_nowhere(self, item_id: str):
        assert message_of_item_id(item_id) is None

    def test_an_id_of_the_writer_stays(self):
        assert shown(written({**CALL, "id": "fc_own"}))[0]["id"] == "fc_own"
        edited = row(content="new", item_id="msg_own")
        assert shown(edited)[0]["id"] == "msg_own"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = sorted({name for item, *_ in KINDS for name in item} | {"id", "error", "result_ref", "file_data_ref"})
TYPES = sorted({str(item.get("type", "message")) for item, *_ in KINDS})
ITEMS = st.builds(
    lambda kind, rest: {**rest, "type": kind},
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ITEMS)
def test_no_item_whatever_breaks_anything(item: dict[str, Any]):
    message = written(item)
    json.dumps(parts_of(message))
    [back] = shown(message)
    assert {**back, "id": 0, "status": 0, "content": 0} == {**item, "id": 0, "status": 0, "content": 0}
