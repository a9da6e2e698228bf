"""`format=responses`: what was written as an item goes out as that item, and reads in the other formats."""

import json
from typing import Any

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

from .histories import got, held, path_of

ITEMS: list[dict[str, Any]] = [
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Where is order 1042?"}]},
    {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VjcmV0"},
    {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "x"},
    },
    {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "a",
        "name": "find_order",
        "arguments": '{"number": 1}',
    },
    {"type": "function_call_output", "call_id": "a", "output": "shipped"},
    {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "It left us.", "annotations": []}],
    },
    {"type": "something_new", "id": "x_1", "payload": {"a": 1}},
]


def test_items_come_back_as_they_were_sent(api: ApiClient, acme: Tenant):
    row, other = held(acme), held(acme)
    assert api.post(path_of(row, "format=responses"), {"input": ITEMS}).status_code == 201
    assert got(api, row, "responses")["input"] == ITEMS
    api.post(path_of(other, "format=responses"), got(api, row, "responses"))
    assert got(api, other, "responses")["input"] == ITEMS


def test_openai_s_own_wire_reads_them(api: ApiClient, acme: Tenant):
    row = held(acme)
    api.post(path_of(row, "format=responses"), {"input": ITEMS})
    listed = api.get(f"/openai/v1/conversations/{row.pk}/items?order=asc").json()["data"]
    assert [item["type"] for item in listed] == [item["type"] for item in ITEMS]
    assert listed[1] == ITEMS[1]


def test_a_thought_that_nobody_takes_back_is_left_out(api: ApiClient, acme: Tenant):
    row = held(acme)
    bare = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]}
    api.post(path_of(row, "format=responses"), {"input": [ITEMS[0], bare, ITEMS[5]]})
    answer = api.get(path_of(row, "format=responses"))
    assert [item["type"] for item in answer.json()["input"]] == ["message", "message"]
    assert answer["Parley-Omitted"].endswith(";reason=reasoning")


def test_the_other_formats_read_items(api: ApiClient, acme: Tenant):
    row = held(acme)
    api.post(path_of(row, "format=responses"), {"input": ITEMS})
    messages = got(api, row, "openai")["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "tool", "assistant"]
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == '{"number": 1}'
    assert "web_search_call" in json.dumps(got(api, row, "ui"))


@pytest.mark.parametrize(
    ("item", "at"),
    [
        ({"role": "user", "content": [{"text": "Hi"}]}, ["content", 0, "type"]),
        ({"role": "user", "content": [{"type": "input_text"}]}, ["content", 0, "text"]),
        ({"role": "user", "content": [5]}, ["content", 0]),
        ({"type": "function_call", "call_id": "a", "name": "f"}, ["arguments"]),
        ({"type": "function_call", "call_id": "a", "name": "f", "arguments": {}}, ["arguments"]),
        ({"type": "function_call_output", "call_id": "a", "output": 5}, ["output"]),
        ({"type": "reasoning", "summary": [{"type": "summary_text"}]}, ["summary", 0, "text"]),
    ],
)
def test_what_one_of_the_wires_takes_for_no_item_the_other_refuses_too(
    api: ApiClient, acme: Tenant, item: dict[str, Any], at: list[object]
):
    row = held(acme)
    answer = api.post(path_of(row, "format=responses"), {"input": [ITEMS[0], item]})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "input", 1, *at])
    assert api.post(f"/openai/v1/conversations/{row.pk}/items", {"items": [item]}).status_code == 400


def test_an_output_without_the_id_of_its_call_gets_it(api: ApiClient, acme: Tenant):
    row = held(acme)
    output = {"type": "function_call_output", "output": "shipped"}
    api.post(path_of(row, "format=responses"), {"input": [*ITEMS[:4], output]})
    assert got(api, row, "responses")["input"][-1] == {**output, "call_id": "a"}


def test_an_item_that_is_there_already_is_stored_once(api: ApiClient, acme: Tenant):
    row = held(acme)
    api.post(path_of(row, "format=responses"), {"input": ITEMS})
    more = [*ITEMS, {"role": "user", "content": "Thank you!"}]
    answer = api.post(path_of(row, "format=responses&mode=reconcile"), {"input": more})
    assert len(answer.json()["message_ids"]) == 1
    before = got(api, row, "responses")["input"]
    named = [item for item in ITEMS if "id" in item]
    assert api.post(path_of(row, "format=responses"), {"input": named}).status_code == 201
    assert got(api, row, "responses")["input"] == before
