"""What this wire writes every other wire reads, staff see, and an export carries; and the other way round."""

from typing import Any

import pytest
from django.test import Client

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient
from tests.transfer import exported, imported

from .conftest import CONVERSATIONS, Item

CALL = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "find", "arguments": '{"n":1}'}
TURN: list[Item] = [
    {"role": "user", "content": [{"type": "input_text", "text": "Where is it?"}], "type": "message"},
    {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
    CALL,
    {"type": "function_call_output", "call_id": "c", "output": "shipped"},
    {"type": "foreseen_by_nobody", "id": "x_1", "deep": {"a": [None]}},
    {"role": "assistant", "content": "It is shipped."},
]


@pytest.fixture
def turn(add) -> list[Item]:
    stored: list[Item] = add(*TURN)
    return stored


def id_of(conversation: str) -> str:
    return conversation.rpartition("/")[2]


@pytest.mark.wire(
    "openai", "create_items", "what it wrote are messages of Mielto's wire, with calls and results"
)
def test_mielto_reads_them(api: ApiClient, conversation: str, turn: list[Item]):
    page = api.get(f"/api/v1/conversations/{id_of(conversation)}/messages?order_direction=asc").json()["data"]
    assert [(row["role"], row["content"]) for row in page] == [
        ("user", "Where is it?"),
        ("assistant", ""),
        ("assistant", ""),
        ("tool", "shipped"),
        ("assistant", ""),
        ("assistant", "It is shipped."),
    ]
    assert page[2]["tool_calls"][0]["function"] == {"name": "find", "arguments": '{"n":1}'}
    assert page[3]["meta_data"]["tool_call_id"] == "c"


@pytest.mark.wire("openai", "list_items", "what it wrote are messages of threads, in parts")
def test_threads_read_them(api: ApiClient, conversation: str, turn: list[Item]):
    path = f"/v1/threads/{id_of(conversation)}/messages?include_parts=true&order=asc"
    kinds = [[part["type"] for part in message["parts"]] for message in api.get(path).json()]
    assert kinds == [["text"], ["reasoning"], ["tool-call"], ["tool-result"], ["data"], ["text"]]


def test_staff_see_them(admin_client: Client, conversation: str, turn: list[Item]):
    page = admin_client.get(f"/admin/parley/conversation/{id_of(conversation)}/transcript/")
    assert page.status_code == 200
    text = page.content.decode()
    for shown in ("Where is it?", "find", "shipped", "It is shipped.", "foreseen_by_nobody"):
        assert shown in text
    for row in Message.objects.filter(conversation=id_of(conversation)):
        assert admin_client.get(f"/admin/parley/message/{row.pk}/change/").status_code == 200


def test_a_search_finds_what_a_result_says(admin_client: Client, conversation: str, turn: list[Item]):
    found = admin_client.get("/admin/parley/message/?q=shipped").context["cl"].result_list
    said = Message.objects.filter(conversation=id_of(conversation), content__contains="shipped")
    assert {row.pk for row in found} == {row.pk for row in said}


@pytest.mark.wire("openai", "list_items", "an export carries the items, and another workspace reads the same")
def test_an_export_carries_them(
    acme: Tenant, globex: Tenant, stranger: ApiClient, conversation: str, turn: list[Item]
):
    imported(globex, exported(acme))
    [copy] = Message.objects.filter(workspace=globex.workspace, item_id="fc_1")
    path = f"/openai/v1/conversations/{copy.conversation_id}/items?order=asc"
    own = {"fc_1", "rs_1", "x_1"}
    copied: list[Any] = stranger.get(path).json()["data"]
    for one, other in zip(copied, turn, strict=True):
        assert {**one, "id": one["id"] in own and one["id"]} == {
            **other,
            "id": other["id"] in own and other["id"],
        }


@pytest.mark.wire("openai", "list_items", "both wires' messages stand in one order")
def test_the_other_way_round(api: ApiClient, conversation: str, turn: list[Item]):
    thread = f"/v1/threads/{id_of(conversation)}/messages"
    api.post(thread, {"role": "user", "content": [{"type": "input_text", "text": "Thanks"}]})
    api.post("/api/v1/messages", {"conversation_id": id_of(conversation), "content": {"content": "Bye"}})
    listed = api.get(f"{conversation}/items?order=asc").json()["data"]
    assert listed[:6] == turn
    texts = [item["content"] for item in listed[6:]]
    assert texts == [[{"type": "input_text", "text": text}] for text in ("Thanks", "Bye")]


FUNCTION = {"name": "find", "arguments": '{"n":1}'}
FILE = {"type": "file", "url": "https://acme.example/bill.pdf", "mime_type": "application/pdf"}


@pytest.fixture
def spoken(api: ApiClient) -> str:
    """A conversation that Mielto's wire and a run of SeekrFlow's have written."""
    written = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Where is it?", "sender_id": "ada", "attachments": [FILE]},
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [{"id": "c", "type": "function", "function": FUNCTION}],
        },
        {"role": "tool", "content": "shipped", "meta_data": {"tool_call_id": "c"}},
    ]
    made = api.post("/api/v1/conversations", {"title": "Order", "messages": written}).json()["id"]
    runs = f"/v1/threads/{made}/runs"
    run = api.post(runs, {"agent_id": "helper"}).json()["run_id"]
    parts = [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "It is shipped."}]
    assert api.post(f"{runs}/{run}/messages", {"role": "assistant", "parts": parts}).status_code == 200
    assert api.patch(f"{runs}/{run}", {"status": "completed"}).status_code == 200
    return str(made)


def shown(api: ApiClient, conversation: str) -> list[Any]:
    """What a conversation says on this wire, without ids."""
    data = api.get(f"{CONVERSATIONS}/{conversation}/items?order=asc&limit=100").json()["data"]
    return [{name: value for name, value in item.items() if name != "id"} for item in data]


SPOKEN: list[Item] = [
    {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "Be brief."}]},
    {
        "type": "message",
        "role": "user",
        "content": [
            {"type": "input_text", "text": "Where is it?"},
            {"type": "input_file", "file_url": FILE["url"]},
        ],
    },
    {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "Let me look.", "annotations": []}],
    },
    {"type": "function_call", "call_id": "c", **FUNCTION},
    {"type": "function_call_output", "call_id": "c", "output": "shipped"},
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
    {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "It is shipped.", "annotations": []}],
    },
]


@pytest.mark.wire("openai", "list_items", "what other wires wrote, calls, results, files and thoughts")
def test_what_others_wrote_are_items(api: ApiClient, spoken: str):
    assert shown(api, spoken) == [
        item if item["type"] == "reasoning" else item | {"status": "completed"} for item in SPOKEN
    ]


def test_an_export_of_what_others_wrote_is_read_as_the_same_items(
    api: ApiClient, acme: Tenant, globex: Tenant, stranger: ApiClient, spoken: str
):
    imported(globex, exported(acme))
    [copy] = Conversation.objects.filter(workspace=globex.workspace, title="Order")
    assert shown(stranger, copy.pk) == shown(api, spoken)


@pytest.mark.wire("openai", "list_thread_messages", "what other wires wrote, but for calls and results")
def test_what_others_wrote_are_messages_of_assistants(api: ApiClient, spoken: str):
    data = api.get(f"/openai/v1/threads/{spoken}/messages?order=asc").json()["data"]
    texts = [(each["role"], each["content"][0]["text"]["value"]) for each in data]
    assert texts == [
        ("user", "Where is it?"),
        ("assistant", "Let me look."),
        ("assistant", "It is shipped."),
    ]


@pytest.mark.wire("openai", "create_a_thread_message", "is a message of every other wire, and an item")
def test_what_assistants_write_others_read(api: ApiClient, admin_client: Client):
    thread = api.post("/openai/v1/threads", {"messages": [{"role": "user", "content": "Hello"}]}).json()["id"]
    api.post(f"/openai/v1/threads/{thread}/messages", {"role": "assistant", "content": "Good morning"})
    page = api.get(f"/api/v1/conversations/{thread}/messages?order_direction=asc").json()["data"]
    said = [("user", "Hello"), ("assistant", "Good morning")]
    assert [(row["role"], row["content"]) for row in page] == said
    messages = api.get(f"/v1/threads/{thread}/messages?include_parts=true&order=asc").json()
    assert [(row["role"], row["parts"][0]["text"]) for row in messages] == said
    assert [(item["role"], item["content"][0]["text"]) for item in shown(api, thread)] == said
    text = admin_client.get(f"/admin/parley/conversation/{thread}/transcript/").content.decode()
    assert all(words in text for _, words in said)
