"""POST /api/v1/messages: one message, its fields, their defaults and limits."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient

KEYS = {
    "attachments",
    "checksum",
    "content",
    "conversation_id",
    "created_at",
    "id",
    "message_type",
    "meta_data",
    "owner_id",
    "parent_message_id",
    "role",
    "sender_id",
    "sent_at",
    "seq",
    "superseded_by",
    "tags",
    "token_count",
    "token_counter",
    "tool_calls",
    "updated_at",
    "workspace_id",
}


def post(api: ApiClient, acme: Tenant, **message):
    body = {"conversation_id": acme.conversation.pk, "content": {"content": "hi"} | message}
    return api.post("/api/v1/messages", body)


@pytest.mark.wire("mielto", "create_message", "201 is always an array, also for one message")
def test_one_message_is_answered_as_a_list(api: ApiClient, acme: Tenant):
    response = post(api, acme)
    assert response.status_code == 201
    assert [row["content"] for row in response.json()] == ["hi"]


@pytest.mark.wire("mielto", "create_message", "the 17 keys of MessageRead")
def test_it_has_the_keys_of_the_vendor(api: ApiClient, acme: Tenant):
    [row] = post(api, acme).json()
    assert set(row) == KEYS


@pytest.mark.wire("mielto", "create_message", "role defaults to user, message_type to text")
def test_what_is_left_out_has_the_vendors_defaults(api: ApiClient, acme: Tenant):
    [row] = post(api, acme).json()
    assert (row["role"], row["message_type"]) == ("user", "text")
    for name in ("tool_calls", "tags", "attachments", "parent_message_id", "meta_data"):
        assert row[name] is None


@pytest.mark.wire(
    "mielto", "create_message", "conversation_id, sender_id, content, workspace_id are never null"
)
def test_the_required_keys_are_filled(api: ApiClient, acme: Tenant):
    [row] = post(api, acme).json()
    assert row["conversation_id"] == acme.conversation.pk
    assert row["workspace_id"] == acme.workspace.pk
    assert row["sender_id"] == "acme-customer"


@pytest.mark.wire("mielto", "create_message", "every field of MessageCreateRequest comes back")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", "  spaces and\nlines stay \t"),
        ("content", ""),
        ("content", "שלום 🌍 e\u0301"),
        ("role", "assistant"),
        ("role", "anything goes"),
        ("message_type", "image"),
        ("sender_id", "326166736"),
        ("parent_message_id", "not-an-id-of-ours"),
        ("tags", ["b", "a", "b"]),
        ("tags", []),
        ("tool_calls", [{"id": "call_1", "function": {"name": "f", "arguments": "{}"}}]),
        ("attachments", [{"url": "https://example.com/a.png"}, {}]),
        ("meta_data", {"deep": {"list": [1, 2.5, True, None, "é"]}, "": ""}),
        ("meta_data", {}),
    ],
)
def test_a_field_comes_back_as_it_was_sent(api: ApiClient, acme: Tenant, name, value):
    [row] = post(api, acme, **{name: value}).json()
    assert row[name] == value
    assert api.get(f"/api/v1/messages/{row['id']}").json() == row


@pytest.mark.parametrize("name", ["tool_calls", "tags", "attachments", "parent_message_id", "meta_data"])
def test_null_is_the_same_as_left_out(api: ApiClient, acme: Tenant, name):
    [row] = post(api, acme, **{name: None}).json()
    assert row[name] is None
    assert Message.objects.filter(pk=row["id"], **{f"{name}__isnull": True}).exists()


@pytest.mark.parametrize(
    ("name", "longest"),
    [("role", 64), ("message_type", 64), ("sender_id", 255), ("parent_message_id", 255)],
)
def test_short_texts_have_a_limit(api: ApiClient, acme: Tenant, name, longest):
    assert post(api, acme, **{name: "x" * longest}).status_code == 201
    refused = post(api, acme, **{name: "x" * (longest + 1)})
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["type"] == "string_too_long"


@pytest.mark.wire("mielto", "create_message", "a field of the wrong type is 422")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", None),
        ("content", 5),
        ("content", ["hi"]),
        ("role", None),
        ("role", 1),
        ("message_type", None),
        ("sender_id", 326166736),
        ("created_at", "yesterday"),
        ("created_at", "0001-01-01T00:00:00+01:00"),
        ("tags", "a,b"),
        ("tags", [1]),
        ("tool_calls", {}),
        ("tool_calls", ["call"]),
        ("attachments", [None]),
        ("meta_data", []),
        ("parent_message_id", {}),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(api: ApiClient, acme: Tenant, name, value):
    response = post(api, acme, **{name: value})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:4] == ["body", "content", "MessageCreateRequest", name]
    assert Message.objects.for_workspace(acme.workspace.pk).count() == 2


@pytest.mark.wire("mielto", "create_message", "a bare message or a bare array as the body is 422")
@pytest.mark.parametrize(
    "body", [{"role": "user"}, [], [{"content": {"content": "hi"}}], {}, "null", '"hi"', "5"]
)
def test_a_body_of_another_shape_is_refused(api: ApiClient, acme: Tenant, body):
    assert api.post("/api/v1/messages", body).status_code == 422


def test_a_bare_message_is_refused(api: ApiClient, acme: Tenant):
    response = api.post("/api/v1/messages", {"content": "hi", "role": "user"})
    assert response.status_code == 422
    assert not Message.objects.filter(content="hi").exists()


@pytest.mark.wire("mielto", "create_message", "unknown body keys are ignored")
def test_unknown_and_server_owned_keys_are_ignored(api: ApiClient, acme: Tenant, globex: Tenant):
    foreign = {"id": globex.question.pk, "workspace_id": globex.workspace.pk, "checksum": "x", "seq": 1}
    [row] = post(api, acme, **foreign, colour="red").json()
    assert row["workspace_id"] == acme.workspace.pk
    assert row["id"] != globex.question.pk
    assert row["checksum"] != "x"


@pytest.mark.wire("mielto", "create_message", "an unknown conversation is 404 and stores nothing")
@pytest.mark.parametrize("conversation_id", ["conv_unknown", "", "x" * 5_000, "é"])
def test_an_unknown_conversation_is_not_found(api: ApiClient, acme: Tenant, conversation_id):
    body = {"conversation_id": conversation_id, "content": {"content": "hi"}}
    response = api.post("/api/v1/messages", body)
    assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})
    assert not Message.objects.filter(content="hi").exists()


@pytest.mark.wire("mielto", "create_message", "created_at absent: created_at and sent_at are now")
def test_without_created_at_it_is_now(api: ApiClient, acme: Tenant):
    [row] = post(api, acme).json()
    assert row["created_at"] == row["sent_at"] == row["updated_at"]
    assert abs(datetime.fromisoformat(row["created_at"]) - timezone.now()) < timedelta(seconds=20)


@pytest.mark.wire("mielto", "create_message", "created_at given is stored as created_at and sent_at")
@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2020-02-29T12:00:00Z", "2020-02-29T12:00:00Z"),
        ("2020-02-29T12:00:00.123456+02:00", "2020-02-29T10:00:00.123456Z"),
        ("2020-02-29T12:00:00", "2020-02-29T12:00:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        (1_600_000_000, "2020-09-13T12:26:40Z"),
    ],
)
def test_history_keeps_its_time(api: ApiClient, acme: Tenant, given, stored):
    [row] = post(api, acme, created_at=given).json()
    assert row["created_at"] == row["sent_at"] == stored
    assert api.get(f"/api/v1/messages/{row['id']}").json() == row


@pytest.mark.wire(
    "mielto", "create_message", "enable_memories is accepted, null too, and kept with the message"
)
@pytest.mark.parametrize(("given", "kept"), [(True, True), (False, False), (None, False)])
def test_enable_memories_is_kept(api: ApiClient, acme: Tenant, given, kept):
    [row] = api.post("/api/v1/messages", {"content": {"content": "hi"}, "enable_memories": given}).json()
    assert Message.objects.get(pk=row["id"]).enable_memories is kept


def test_the_conversation_is_touched_and_counted(api: ApiClient, acme: Tenant):
    post(api, acme)
    conversation = Conversation.objects.get(pk=acme.conversation.pk)
    assert (conversation.message_count, conversation.last_seq) == (3, 3)
    assert conversation.updated_at > acme.conversation.updated_at


def test_an_ended_conversation_still_takes_messages(api: ApiClient, acme: Tenant):
    api.put(f"/api/v1/conversations/{acme.conversation.pk}", {"status": "ended"})
    assert post(api, acme).status_code == 201


def test_a_stranger_does_not_see_it(api: ApiClient, stranger: ApiClient, acme: Tenant):
    [row] = post(api, acme).json()
    assert stranger.get(f"/api/v1/messages/{row['id']}").status_code == 404
