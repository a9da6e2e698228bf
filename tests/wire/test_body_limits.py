"""Bodies that would cost more than they say: refused before the work, and in a short answer."""

from typing import Any

import pytest

from messaging.models import Message
from tests.cast import Tenant
from tests.client import ApiClient

MESSAGES = "/api/v1/messages"
CONVERSATIONS = "/api/v1/conversations"


def problems(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 422, response.content
    detail: list[dict[str, Any]] = response.json()["detail"]
    return detail


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        ("[0,0,0,0,0,0,0]", True),
        ("[0,0,0,0,0,0,0,0]", False),
        ("[[],[],[]]", True),
        ("[[],[],[],[]]", False),
        ('["a,b,c,[[[[[[[{{{{{{"]', True),
        ('["\\"a,b,c,[[[[[[[{{{{{{", "\\\\"]', True),
        ('{"a":{"b":{"c":{"d":{"e":{"f":{}}}}}}}', True),
        ('{"a":{"b":{"c":{"d":{"e":{"f":{"g":{}}}}}}}}', False),
    ],
)
def test_the_values_of_a_body_are_counted_before_they_are_made(api: ApiClient, settings, value, is_taken):
    settings.PARLEY = {"MAX_VALUES": 11}  # four of them for what is around the value
    body = '{"content": {"content": "hi", "meta_data": {"x": VALUE}}}'.replace("VALUE", value)
    response = api.post(MESSAGES, body)
    assert response.status_code == (201 if is_taken else 422)
    if not is_taken:
        [problem] = problems(response)
        assert (problem["type"], problem["loc"]) == ("too_many_values", ["body"])
        assert "11" in problem["msg"]


@pytest.mark.parametrize("body", ['{"content": ["', '{"content": ["\\', '"\\"\\"\\"'])
def test_a_string_that_nothing_ends_is_no_json(api: ApiClient, settings, body):
    settings.PARLEY = {"MAX_VALUES": 1}
    assert problems(api.post(MESSAGES, body + "," * 5))[0]["type"] in ("json_invalid", "too_many_values")


@pytest.mark.parametrize(
    ("path", "body", "loc"),
    [
        (MESSAGES, {"content": [{}, {}, {}, {}]}, ["body", "content"]),
        (MESSAGES, {"content": {"content": "x", "tags": [0] * 4}}, ["body", "content", "tags"]),
        (MESSAGES, {"content": [{}, {"tool_calls": [0] * 4}]}, ["body", "content", 1, "tool_calls"]),
        (CONVERSATIONS, {"messages": [0, 0, 0, 0]}, ["body", "messages"]),
        (CONVERSATIONS, {"messages": [{"attachments": [0] * 4}]}, ["body", "messages", 0, "attachments"]),
        (CONVERSATIONS, {"collections": [0] * 4}, ["body", "collections"]),
        ("/api/v1/webhooks", {"types": [0] * 4}, ["body", "types"]),
        ("/api/v1/api-keys", {"permissions": [0] * 4}, ["body", "permissions"]),
        ("/v1/threads/thread/messages", {"content": [0] * 4}, ["body", "content"]),
        ("/v1/threads/thread/runs", {"metadata": dict.fromkeys("abcd")}, ["body", "metadata"]),
        ("/v1/threads/thread/runs/run/messages", {"parts": [{}] * 4}, ["body", "parts"]),
        (
            "/v1/threads/thread/runs/run/messages",
            {"content": [{"type": "output_text", "annotations": [0] * 4}]},
            ["body", "content", 0, "annotations"],
        ),
    ],
)
def test_a_list_is_measured_before_its_items_are_looked_at(api: ApiClient, settings, path, body, loc):
    settings.PARLEY = {"MAX_BATCH": 3, "MAX_ITEMS": 3}
    [problem] = problems(api.post(path, body))
    assert (problem["type"], problem["loc"]) == ("too_long", loc)
    assert "at most 3" in problem["msg"]


TEXT, TURN = {"type": "text", "text": "x"}, "/api/v1/conversations/{}/transcript?format="


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (TURN + "openai", {"messages": [{"role": "user", "content": [TEXT] * 3}] * 2}),
        (TURN + "responses", {"input": [{"role": "user", "content": [TEXT] * 3}] * 2}),
        (TURN + "ui", {"messages": [{"id": "1", "role": "user", "parts": [TEXT] * 3}] * 2}),
        ("/openai/v1/threads", {"messages": [{"role": "user", "content": [TEXT] * 3}] * 2}),
        ("/openai/v1/threads", {"messages": [{"role": "user", "content": "x", "attachments": [0] * 6}]}),
        ("/openai/v1/conversations/{}/items", {"items": [{"role": "user", "content": [TEXT] * 6}]}),
        (
            "/openai/v1/conversations/{}/items",
            {"items": [{"type": "function_call_output", "call_id": "c", "output": [TEXT] * 6}]},
        ),
    ],
)
def test_the_parts_of_all_messages_of_a_call_are_counted(api: ApiClient, acme: Tenant, settings, path, body):
    settings.PARLEY = {"MAX_PARTS": 5}
    refused = api.post(path.format(acme.conversation.pk), body)
    assert refused.status_code in (400, 422)
    assert b"at most 5 parts in all its messages" in refused.content
    assert Message.objects.filter(workspace=acme.workspace).count() == 2


def test_data_of_the_caller_may_hold_longer_lists(api: ApiClient, settings):
    settings.PARLEY = {"MAX_ITEMS": 3}
    data = {"vector": [0.5] * 100, "more": dict.fromkeys("abcdef")}
    body = {"content": {"content": "hi", "meta_data": data, "tool_calls": [data]}}
    assert api.post(MESSAGES, body).status_code == 201


def test_a_hundred_problems_are_told_and_the_others_counted(api: ApiClient, acme: Tenant):
    items: list[Any] = [{"content": "fine", "tags": ["fine"]}] * 300
    wrong = {"content": 5, "tags": [0] * 30, "tool_calls": [0] * 30}
    detail = problems(api.post(MESSAGES, {"content": items + [wrong] * 500}))
    assert len(detail) == 100
    assert [problem for problem in detail if "more" in problem] == [detail[-1]]
    # Of each message its text, tags and calls, and one for the other member of the union.
    assert detail[-1]["more"] == 500 * 61 + 1 - 100
    of_list = [problem["loc"][2:] for problem in detail if problem["loc"][2] != "MessageCreateRequest"]
    assert of_list[0] == ["list[MessageCreateRequest]", 300, "content"]
    assert of_list[1][1:] == [300, "tool_calls", 0]


def test_few_problems_are_told_as_they_always_were(api: ApiClient):
    detail = problems(api.post(MESSAGES, {"content": [{"content": 5}] * 99}))
    assert len(detail) == 100
    assert not any("more" in problem for problem in detail)


def test_a_refused_value_comes_back_once_at_most(api: ApiClient):
    part = {"type": "tool-call", "text": "x" * 40_000}
    detail = problems(api.post("/v1/threads/thread/runs/run/messages", {"parts": [part, part]}))
    assert [problem["type"] for problem in detail[-2:]] == ["missing", "missing"]
    assert len(str(detail)) < 100_000
    assert Message.objects.filter(content__startswith="xxx").count() == 0
