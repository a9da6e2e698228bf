"""Staff find what a transcript shows of a message besides its text; the wires search the text alone."""

from collections.abc import Callable
from typing import Any

import pytest

from messaging.index.filters import ContainsShown
from messaging.models import Conversation, Message
from messaging.services import update_conversation, update_message
from tests.cast import Tenant
from tests.client import ApiClient

Act = Callable[..., Any]


def found(tenant: Tenant, text: str) -> list[str]:
    rows = Message.objects.for_workspace(tenant.workspace.pk).search_shown(text)
    return list(rows.values_list("pk", flat=True))


PARTS: list[dict[str, Any]] = [
    {"type": "reasoning", "text": "The needle is hidden"},
    {"type": "data", "data": {"where": ["a Needle"]}, "data_type": "hay"},
    {"type": "tool-call", "tool_name": "sew", "tool_call_id": "c", "args": {"with": {"tool": "NEEDLE"}}},
    {"type": "file", "url": "https://example.com/needle.pdf"},
    {"type": "text", "text": "x", "metadata": {"remark": "needle"}},
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: str(part["type"]))
def test_what_a_part_says_is_found(act: Act, acme: Tenant, globex: Tenant, part: dict[str, Any]):
    row = act("assistant", parts=[part, {"type": "text", "text": "Done."}])
    assert found(acme, "needle") == [row["id"]]
    assert found(globex, "needle") == []


FIELDS: list[dict[str, Any]] = [
    {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": '{"a": "caf\\u00e9 41"}'}}]},
    {"attachments": [{"file_id": "Café 41.pdf"}]},
    {"meta_data": {"note": {"deep": ["CAFÉ 41"]}}},
]


@pytest.mark.parametrize("fields", FIELDS, ids=lambda fields: str(next(iter(fields))))
def test_what_stands_besides_the_text_is_found(api: ApiClient, acme: Tenant, fields: dict[str, Any]):
    body = {
        "conversation_id": acme.conversation.pk,
        "content": {"content": "x", "role": "assistant"} | fields,
    }
    [row] = api.post("/api/v1/messages", body).json()
    assert found(acme, "café 41") == [row["id"]]
    assert api.get("/api/v1/messages?search=café 41").json()["data"] == []


def test_numbers_are_found_and_names_of_kinds_are_not(api: ApiClient, acme: Tenant):
    calls = [
        {"id": "c", "type": "function", "function": {"name": "pay", "arguments": '{"card": 4111222233}'}}
    ]
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "", "tool_calls": calls}}
    [row] = api.post("/api/v1/messages", body).json()
    assert found(acme, "4111222233") == [row["id"]]
    assert found(acme, "function") == []


def test_what_a_correction_took_out_is_found_no_more(act: Act, acme: Tenant):
    call = {"type": "reasoning", "text": "kept words"}
    result = {"type": "tool-result", "tool_name": "f", "tool_call_id": "c", "output": {"iban": "DE4711"}}
    row = act("tool", parts=[call, result])
    second = act("tool", parts=[result | {"output": "one DE4711"}, result | {"output": "two DE4711"}])
    assert set(found(acme, "de4711")) == {row["id"], second["id"]}
    run = Message.objects.get(pk=row["id"]).run_id
    Conversation.objects.filter(active_run=run).update(active_run=None)
    for each in (row, second):
        ids = {"workspace_id": acme.workspace.pk, "message_id": each["id"]}
        update_message(**ids, changes={"content": "corrected"})
    assert found(acme, "de4711") == []
    assert found(acme, "kept words") == [row["id"]]


def test_meta_data_of_a_message_in_parts_may_change_without_them(act: Act, acme: Tenant):
    row = act("assistant", parts=[{"type": "reasoning", "text": "needle"}, {"type": "text", "text": "x"}])
    run = Message.objects.get(pk=row["id"]).run_id
    Conversation.objects.filter(active_run=run).update(active_run=None)
    ids = {"workspace_id": acme.workspace.pk, "message_id": row["id"]}
    update_message(**ids, changes={"meta_data": {"note": "thimble"}})
    assert found(acme, "needle") == found(acme, "thimble") == [row["id"]]


def test_a_conversation_is_found_by_summary_user_and_meta_data(acme: Tenant, globex: Tenant):
    ids = {"workspace_id": acme.workspace.pk, "conversation_id": acme.conversation.pk}
    update_conversation(
        **ids, changes={"summary": "About hay", "meta_data": {"order": "A-17"}, "user_id": "ada"}
    )
    for text in ("about HAY", "a-17", "ada", "opening hours"):
        rows = Conversation.objects.for_workspace(acme.workspace.pk)
        sought = ContainsShown("search_title", text, "search_other")
        assert [row.pk for row in rows.narrow(sought)] == [acme.conversation.pk]
