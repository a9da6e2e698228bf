"""PUT and PATCH /api/v1/messages/{message_id}: both partial, both the same."""

from typing import Any

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient

FULL = {
    "content": "first",
    "role": "assistant",
    "message_type": "note",
    "tool_calls": [{"id": "call_1"}],
    "tags": ["a"],
    "meta_data": {"k": "v"},
    "attachments": [{"url": "u"}],
    "parent_message_id": "p",
}
TEXT_FIELDS = ("content", "role", "message_type")
CLEARABLE = ("tool_calls", "tags", "meta_data", "attachments", "parent_message_id")


@pytest.fixture
def row(api: ApiClient, acme: Tenant) -> Any:
    body = {"conversation_id": acme.conversation.pk, "content": FULL}
    [row] = api.post("/api/v1/messages", body).json()
    return row


@pytest.fixture(params=["PUT", "PATCH"])
def update(request, api: ApiClient, row):
    """Sends changes to the message; returns the response."""
    return lambda changes: api.call(request.param, f"/api/v1/messages/{row['id']}", changes)


@pytest.mark.wire("mielto", "update_message", "200 MessageRead; what is left out stays")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", "second"),
        ("content", ""),
        ("role", "user"),
        ("message_type", "text"),
        ("tool_calls", []),
        ("tags", ["b", "c"]),
        ("meta_data", {}),
        ("meta_data", {"other": [1]}),
        ("attachments", [{}]),
        ("parent_message_id", "q"),
        ("sent_at", "2024-05-01T12:00:00Z"),
    ],
)
def test_one_field_changes_and_the_others_stay(api: ApiClient, update, row, name, value):
    response = update({name: value})
    assert response.status_code == 200
    changed = response.json()
    touched = {name, "updated_at", "checksum", "token_count"}
    assert changed[name] == value
    assert {k: v for k, v in changed.items() if k not in touched} == {
        k: v for k, v in row.items() if k not in touched
    }
    assert api.get(f"/api/v1/messages/{row['id']}").json() == changed


@pytest.mark.wire("mielto", "update_message", "null clears a nullable field")
@pytest.mark.parametrize("name", CLEARABLE)
def test_null_clears(update, row, name):
    assert update({name: None}).json()[name] is None
    assert Message.objects.filter(pk=row["id"], **{f"{name}__isnull": True}).exists()


@pytest.mark.wire("mielto", "update_message", "null leaves a field that cannot be null as it is")
@pytest.mark.parametrize("name", [*TEXT_FIELDS, "sent_at"])
def test_null_leaves_text_alone(update, row, name):
    assert update({name: None}).json()[name] == row[name]


@pytest.mark.wire("mielto", "update_message", "unknown and server-owned keys are ignored")
@pytest.mark.parametrize(
    "name", ["id", "workspace_id", "conversation_id", "checksum", "created_at", "owner_id", "seq", "colour"]
)
def test_server_owned_fields_are_ignored(update, row, name):
    changed = update({name: "2001-01-01T00:00:00Z"}).json()
    assert changed.keys() == row.keys()
    assert {k: v for k, v in changed.items() if k != "updated_at"} == {
        k: v for k, v in row.items() if k != "updated_at"
    }


@pytest.mark.wire("mielto", "update_message", "content change recomputes the checksum")
def test_a_correction_changes_the_checksum(update, row):
    assert update({"content": "second"}).json()["checksum"] != row["checksum"]
    assert update({"content": "first"}).json()["checksum"] == row["checksum"]


def test_a_tag_does_not_change_the_checksum(update, row):
    assert update({"tags": ["z"]}).json()["checksum"] == row["checksum"]


def test_updated_at_moves_and_created_at_stays(update, row):
    changed = update({"content": "second"}).json()
    assert changed["updated_at"] > row["updated_at"]
    assert changed["created_at"] == row["created_at"]


def test_an_empty_object_changes_nothing(update, row):
    changed = update({}).json()
    assert changed | {"updated_at": None} == row | {"updated_at": None}


@pytest.mark.wire("mielto", "update_message", "a value of the wrong type is 422 and changes nothing")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", 5),
        ("role", "x" * 65),
        ("message_type", "x" * 65),
        ("parent_message_id", "x" * 256),
        ("tags", "a"),
        ("tool_calls", {}),
        ("meta_data", []),
        ("attachments", ["x"]),
        ("sent_at", "soon"),
    ],
)
def test_a_bad_value_is_refused(update, row, name, value):
    response = update({name: value, "tags": value if name == "tags" else ["changed"]})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:2] == ["body", name]
    assert Message.objects.get(pk=row["id"]).tags == ["a"]


@pytest.mark.wire("mielto", "update_message", "an empty or malformed body is 422")
@pytest.mark.parametrize("body", [None, "{", "[]", "null", '{"content": "\\u0000"}'])
def test_a_bad_body_is_refused(update, body):
    assert update(body).status_code == 422


def test_counts_and_order_stay(update, row, acme: Tenant):
    update({"content": "second"})
    conversation = Conversation.objects.get(pk=acme.conversation.pk)
    assert (conversation.message_count, conversation.last_seq) == (3, 3)


@pytest.mark.wire("mielto", "update_message", "an unknown message and one of another workspace are 404")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_foreign_message_is_not_found(api: ApiClient, globex: Tenant, method):
    for message_id in ("msg_unknown", globex.reply.pk):
        response = api.call(method, f"/api/v1/messages/{message_id}", {"content": "mine"})
        assert (response.status_code, response.json()) == (404, {"detail": "Message not found"})
    assert Message.objects.get(pk=globex.reply.pk).content == globex.reply.content
