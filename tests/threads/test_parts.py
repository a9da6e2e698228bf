"""The seven kinds of parts: as an agent gives them, and as they are derived from other messages."""

from typing import Any, get_args

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.content import PartKind
from tests.cast import Tenant
from tests.client import ApiClient, statements
from threads.seekrflow.parts.outputs import MessagePart

pytestmark = pytest.mark.django_db

SEVEN = [
    {"type": "reasoning", "text": "hm", "metadata": {"effort": "low"}},
    {"type": "text", "text": "Let me look."},
    {"type": "tool-call", "tool_name": "find", "tool_call_id": "c1", "args": {"n": [1, None, "ü"]}},
    {"type": "tool-error", "tool_name": "find", "tool_call_id": "c2", "input": "x", "error_text": "no"},
    {"type": "tool-result", "tool_name": "find", "tool_call_id": "c1", "output": [1], "is_error": True},
    {"type": "file", "file_id": "f", "mime_type": "image/png", "detail": "high"},
    {"type": "data", "data": {"rows": 3}, "data_type": "table", "mime_type": "application/json"},
]


def short(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Parts without ids and without what is null or false."""
    return [
        {k: v for k, v in part.items() if k != "id" and v is not None and v is not False} for part in parts
    ]


@pytest.mark.wire(
    "seekrflow", "create_run_message", "all seven kinds of parts, with their order and metadata"
)
def test_explicit_parts_come_back(api: ApiClient, act):
    message = act(content="Let me look.", parts=SEVEN)
    assert short(message["parts"]) == SEVEN
    assert len({part["id"] for part in message["parts"]}) == 7


@pytest.mark.wire("seekrflow", "list_parts", "parts as a resource, by type and tool_name")
def test_parts_are_a_resource(api: ApiClient, act, thread: str):
    message = act(parts=SEVEN)
    path = f"/v1/threads/{thread}/messages/{message['id']}/parts"
    assert api.get(path).json() == message["parts"]
    assert [part["type"] for part in api.get(f"{path}?tool_name=find").json()] == [
        "tool-call",
        "tool-error",
        "tool-result",
    ]
    assert [part["type"] for part in api.get(f"{path}?type=data").json()] == ["data"]
    assert api.get(f"{path}?type=nothing").status_code == 422


@pytest.mark.wire("seekrflow", "get_part", "one part by its id, derived ones too")
def test_one_part(api: ApiClient, say, thread: str):
    message = say()
    path = f"/v1/threads/{thread}/messages/{message['id']}/parts"
    [part] = message["parts"]
    assert api.get(f"{path}/{part['id']}").json() == part
    assert api.get(f"{path}/nothing").json() == {"detail": "Part not found"}


@pytest.mark.wire("seekrflow", "create_message", "parts of users are derived from the items")
def test_items_are_parts(say):
    items = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "detail": "low", "image_url": "data:image/png;base64,QUJD"},
        {"type": "input_image", "detail": "auto", "file_id": "img"},
        {"type": "input_file", "file_id": "doc"},
    ]
    assert short(say(items)["parts"]) == [
        {"type": "text", "text": "Look"},
        {
            "type": "file",
            "url": "data:image/png;base64,QUJD",
            "mime_type": "image/png",
            "detail": "low",
        },
        {"type": "file", "file_id": "img", "detail": "auto"},
        {"type": "file", "file_id": "doc"},
    ]


def test_output_items_without_parts_are_text(act):
    content = [
        {"type": "output_text", "text": "a", "annotations": ["1"]},
        {"type": "output_guardrail", "text": "b", "guardrail": [{"score": 1}]},
    ]
    message = act(content=content)
    assert message["content"] == content
    assert short(message["parts"]) == [
        {"type": "text", "text": "a", "metadata": {"annotations": ["1"]}},
        {"type": "text", "text": "b", "metadata": {"guardrail": [{"score": 1}]}},
    ]


def test_ids_of_derived_parts_do_not_change(api: ApiClient, say, thread: str):
    message = say([{"type": "input_text", "text": text} for text in "ab"])
    path = f"/v1/threads/{thread}/messages/{message['id']}?include_parts=true"
    assert api.get(path).json()["parts"] == message["parts"]
    assert len({part["id"] for part in message["parts"]}) == 2


@pytest.mark.wire(
    "seekrflow", "list_messages", "messages of the Mielto wire have parts: calls, results, files"
)
def test_messages_of_the_other_wire_have_parts(api: ApiClient, acme: Tenant):
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"n": 1042}'}}
    odd = {"id": "c2", "function": {"name": "find", "arguments": "{n"}}
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}}
    messages = [
        {"role": "assistant", "content": "", "tool_calls": [call, odd]},
        {"role": "tool", "content": "shipped", "meta_data": {"tool_call_id": "c1", "name": "find"}},
        {"role": "user", "content": "see", "attachments": [image, {"file_id": "f", "name": "a.pdf"}]},
    ]
    body = {"conversation_id": acme.conversation.pk, "content": messages}
    assert api.post("/api/v1/messages", body).status_code == 201
    path = f"/v1/threads/{acme.conversation.pk}/messages?include_parts=true&order=asc&offset=2"
    assistant, tool, user = (short(row["parts"]) for row in api.get(path).json())
    assert assistant == [
        {"type": "tool-call", "tool_name": "find", "tool_call_id": "c1", "args": {"n": 1042}},
        {"type": "tool-call", "tool_name": "find", "tool_call_id": "c2", "args": "{n"},
    ]
    assert tool == [{"type": "tool-result", "tool_name": "find", "tool_call_id": "c1", "output": "shipped"}]
    assert user == [
        {"type": "text", "text": "see"},
        {"type": "file", "url": "https://example.com/a.png", "detail": "low"},
        {"type": "file", "file_id": "f", "metadata": {"name": "a.pdf"}},
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"tool_calls": [{}, {"function": "x"}, {"function": {"arguments": None}}, {"id": 7, "name": []}]},
        {"attachments": [{}, {"url": 1, "image_url": {}}, {"image_url": {"url": None}}, {"detail": "huge"}]},
        {"role": "tool", "meta_data": {"tool_call_id": 1, "name": {}}},
        {"tool_calls": [{"function": {"name": "f", "arguments": "[" * 5_000}}]},
        {"tool_calls": [{"function": {"name": "f", "arguments": "NaN"}}]},
    ],
)
def test_whatever_the_other_wire_took_has_parts_that_fit_the_contract(api: ApiClient, acme: Tenant, fields):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "x"} | fields}
    assert api.post("/api/v1/messages", body).status_code == 201
    listed = api.get(f"/v1/threads/{acme.conversation.pk}/messages?include_parts=true&limit=1")
    assert (listed.status_code, len(listed.json()[0]["parts"]) >= 1) == (200, True)


def test_a_correction_through_either_wire_shows_in_the_text_part(api: ApiClient, act, run, thread: str):
    message = act(content="one", parts=[{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "one"}])
    api.post(f"{run}/cancel", {})
    path = f"/v1/threads/{thread}/messages/{message['id']}?include_parts=true"
    api.put(f"/api/v1/messages/{message['id']}", {"content": "two"})
    assert [part["text"] for part in api.get(path).json()["parts"]] == ["hm", "two"]
    api.patch(path, {"content": "three"})
    assert [part["text"] for part in api.get(path).json()["parts"]] == ["hm", "three"]


def test_a_correction_writes_the_message_once_and_reads_its_parts_once_for_that(api: ApiClient, act, run):
    message = act(content="Let me look.", parts=SEVEN)
    api.post(f"{run}/cancel", {})
    with CaptureQueriesContext(connection) as context:
        assert api.patch(f"/api/v1/messages/{message['id']}", {"content": "Look."}).status_code == 200
    assert sum(text.startswith('UPDATE "parley_message"') for text in statements(context)) == 1
    # The text that is corrected stands in one of them, which is looked for before.
    assert sum('FROM "parley_part"' in text for text in statements(context)) == 2


@pytest.mark.wire("seekrflow", "list_run_messages", "parts of 100 messages cost one statement more")
def test_parts_of_a_page_cost_a_constant_number_of_statements(api: ApiClient, act, thread: str):
    def cost(limit: int, **query: object) -> int:
        given = "&".join(f"{name}={value}" for name, value in query.items())
        with CaptureQueriesContext(
            connection,
        ) as captured:
            rows = api.get(f"/v1/threads/{thread}/messages?limit={limit}&{given}").json()
        assert len(rows) == limit
        return len(statements(captured))

    for _ in range(100):
        act(parts=SEVEN[:3])
    cost(1)
    assert cost(100, include_parts="true") == cost(1, include_parts="true") == 1 + cost(1)
    assert cost(1) <= 2


def test_the_wires_shapes_have_the_fields_of_the_stores_kinds_in_their_order():
    shapes = get_args(get_args(MessagePart)[0])
    shown = {get_args(shape.model_fields["type"].annotation)[0]: list(shape.model_fields) for shape in shapes}
    assert shown == {name: ["id", "type", *kind.fields, "metadata"] for name, kind in PartKind.known.items()}
