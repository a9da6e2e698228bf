"""POST /api/v1/conversations"""

import pytest

from messaging.models import Conversation, Message
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/conversations"
KEYS = {
    "collections",
    "created_at",
    "created_by",
    "ended_at",
    "external_id",
    "id",
    "is_public",
    "message_count",
    "meta_data",
    "owner_id",
    "settings",
    "status",
    "summary",
    "title",
    "updated_at",
    "user_id",
    "workspace_id",
}


@pytest.mark.wire("mielto", "create_conversation", "201 a bare ConversationRead with a usable id")
def test_a_conversation_is_opened(api: ApiClient, acme: Tenant):
    response = api.post(PATH, {"title": "Opening hours", "user_id": "ann"})
    assert response.status_code == 201
    assert set(response.json()) == KEYS
    assert api.get(f"{PATH}/{response.json()['id']}").json() == response.json()


@pytest.mark.wire("mielto", "create_conversation", "every field is optional; the defaults")
def test_what_is_left_out_has_a_default(api: ApiClient, acme: Tenant):
    row = api.post(PATH, {}).json()
    assert (row["title"], row["summary"], row["user_id"], row["ended_at"]) == (None, None, None, None)
    assert (row["status"], row["is_public"], row["message_count"]) == ("active", False, 0)
    assert (row["collections"], row["meta_data"], row["settings"]) == ([], {}, {})
    assert (row["owner_id"], row["created_by"]) == ("acme-owner", "acme-owner")
    assert row["workspace_id"] == acme.workspace.pk
    assert row["created_at"] == row["updated_at"]


@pytest.mark.wire("mielto", "create_conversation", "every field comes back as it was sent")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 255),
        ("title", ""),
        ("title", "Größe 👍"),
        ("summary", "What was said"),
        ("status", "archived"),
        ("is_public", True),
        ("collections", ["col_1", "col_2"]),
        ("meta_data", {"deep": [{"é": None}]}),
        ("settings", {"auto_summarize": True, "context_window": 4000}),
        ("user_id", "326166736"),
        ("owner_id", "usr_1"),
    ],
)
def test_a_field_comes_back_as_it_was_sent(api: ApiClient, name, value):
    row = api.post(PATH, {name: value}).json()
    assert row[name] == value
    assert api.get(f"{PATH}/{row['id']}").json() == row


@pytest.mark.wire("mielto", "create_conversation", "one that is created ended has an ended_at")
@pytest.mark.parametrize(("status", "has_end"), [("active", False), ("ended", True), ("archived", False)])
def test_one_that_is_ended_says_when(api: ApiClient, status, has_end):
    row = api.post(PATH, {"status": status}).json()
    assert row["ended_at"] == (row["created_at"] if has_end else None)


@pytest.mark.parametrize(
    "name",
    [
        "title",
        "summary",
        "status",
        "is_public",
        "collections",
        "meta_data",
        "settings",
        "user_id",
        "messages",
    ],
)
def test_null_is_the_same_as_left_out(api: ApiClient, name):
    changing = {"id": "", "created_at": "", "updated_at": ""}
    assert api.post(PATH, {name: None}).json() | changing == api.post(PATH, {}).json() | changing


@pytest.mark.wire("mielto", "create_conversation", "a bad value is 422 and opens nothing")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 256),
        ("title", 5),
        ("status", "paused"),
        ("is_public", "perhaps"),
        ("collections", "col_1"),
        ("collections", [1]),
        ("meta_data", []),
        ("settings", "x"),
        ("user_id", 1),
        ("user_id", "x" * 256),
        ("messages", {"content": "hi"}),
        ("messages", [{}]),
        ("messages", [{"content": ""}] * 1_001),
    ],
)
def test_a_bad_value_is_refused(api: ApiClient, acme: Tenant, name, value):
    response = api.post(PATH, {name: value})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:2] == ["body", name]
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 1


@pytest.mark.wire("mielto", "create_conversation", "messages seed the conversation, in their order")
def test_first_messages_are_stored(api: ApiClient):
    body = {"messages": [{"content": "a"}, {"role": "assistant", "content": "b"}]}
    row = api.post(PATH, body).json()
    listed = api.get(f"{PATH}/{row['id']}/messages?order_direction=asc").json()
    assert [message["content"] for message in listed["data"]] == ["a", "b"]
    assert (row["message_count"], listed["total_count"]) == (2, 2)


@pytest.mark.wire("mielto", "create_conversation", "one bad message opens nothing and stores nothing")
def test_one_bad_message_opens_nothing(api: ApiClient, acme: Tenant):
    response = api.post(PATH, {"messages": [{"content": "good"}, {"content": None}]})
    assert response.json()["detail"][0]["loc"] == ["body", "messages", 1, "content"]
    assert not Message.objects.filter(content="good").exists()
    assert Conversation.objects.for_workspace(acme.workspace.pk).count() == 1


@pytest.mark.wire(
    "mielto", "create_conversation", "the end user is user_id, else the first sender, else x-user-id"
)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"user_id": "ann", "messages": [{"content": "a", "sender_id": "bob"}]}, "ann"),
        ({"messages": [{"content": "a"}, {"content": "b", "sender_id": "bob"}]}, "bob"),
        ({}, "header"),
    ],
)
def test_whose_conversation_it_is(api: ApiClient, body, expected):
    row = api.post(PATH, body, x_user_id="header").json()
    assert (row["user_id"], row["owner_id"]) == (expected, expected)


@pytest.mark.wire("mielto", "create_conversation", "unknown body keys are ignored")
def test_server_owned_keys_are_ignored(api: ApiClient, acme: Tenant, globex: Tenant):
    row = api.post(
        PATH, {"id": globex.conversation.pk, "workspace_id": globex.workspace.pk, "last_seq": 9}
    ).json()
    assert row["workspace_id"] == acme.workspace.pk
    assert row["id"] != globex.conversation.pk
    assert Conversation.objects.get(pk=row["id"]).last_seq == 0
