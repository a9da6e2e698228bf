"""PUT and PATCH /api/v1/conversations/{conversation_id}: both partial, both the same."""

from datetime import datetime
from typing import Any

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

FULL = {
    "title": "Opening hours",
    "summary": "sum",
    "is_public": True,
    "collections": ["col_1"],
    "meta_data": {"k": "v"},
    "settings": {"context_window": 3000},
    "user_id": "ann",
}


@pytest.fixture
def row(api: ApiClient) -> Any:
    return api.post("/api/v1/conversations", FULL).json()


@pytest.fixture(params=["PUT", "PATCH"])
def update(request, api: ApiClient, row):
    """Sends changes to the conversation; returns the response."""
    return lambda changes: api.call(request.param, f"/api/v1/conversations/{row['id']}", changes)


def without(row: dict[str, Any], *names: str) -> Any:
    return {name: value for name, value in row.items() if name not in names}


@pytest.mark.wire("mielto", "update_conversation", "200 ConversationRead; what is left out stays")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "y" * 255),
        ("summary", "new"),
        ("is_public", False),
        ("collections", []),
        ("meta_data", {"other": 1}),
        ("settings", {}),
        ("user_id", "bob"),
        ("ended_at", "2024-05-01T12:00:00Z"),
    ],
)
def test_one_field_changes_and_the_others_stay(api: ApiClient, update, row, name, value):
    response = update({name: value})
    assert response.status_code == 200
    assert response.json()[name] == value
    assert without(response.json(), name, "updated_at") == without(row, name, "updated_at")
    assert api.get(f"/api/v1/conversations/{row['id']}").json() == response.json()


@pytest.mark.wire("mielto", "update_conversation", "null clears title, summary, user and end")
@pytest.mark.parametrize("name", ["title", "summary", "user_id", "ended_at"])
def test_null_clears(update, name):
    assert update({name: None}).json()[name] is None


@pytest.mark.wire("mielto", "update_conversation", "null leaves a field that cannot be null as it is")
@pytest.mark.parametrize("name", ["status", "is_public", "collections", "meta_data", "settings"])
def test_null_leaves_alone_what_cannot_be_null(update, row, name):
    assert update({name: None}).json()[name] == row[name]


@pytest.mark.wire("mielto", "update_conversation", "unknown and server-owned keys are ignored")
@pytest.mark.parametrize(
    "name", ["id", "workspace_id", "owner_id", "created_by", "created_at", "message_count", "messages", "x"]
)
def test_server_owned_fields_are_ignored(update, row, name):
    changed = update({name: 7}).json()
    assert without(changed, "updated_at") == without(row, "updated_at")


@pytest.mark.wire("mielto", "update_conversation", "a bad value is 422 and changes nothing")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 256),
        ("status", "paused"),
        ("is_public", {}),
        ("collections", [None]),
        ("meta_data", "x"),
        ("settings", []),
        ("ended_at", "soon"),
        ("user_id", "x" * 256),
    ],
)
def test_a_bad_value_is_refused(api: ApiClient, update, row, name, value):
    response = update({"summary": "changed", name: value})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"][:2] == ["body", name]
    assert api.get(f"/api/v1/conversations/{row['id']}").json() == row


@pytest.mark.wire("mielto", "update_conversation", "status set to ended notes when")
def test_ending_it_notes_the_time(update):
    ended = update({"status": "ended"}).json()
    assert (ended["status"], ended["ended_at"]) == ("ended", ended["updated_at"])


@pytest.mark.wire("mielto", "update_conversation", "status back to active clears ended_at")
def test_reopening_it_clears_the_time(update):
    update({"status": "ended"})
    assert update({"status": "active"}).json()["ended_at"] is None


@pytest.mark.wire("mielto", "update_conversation", "ended_at given goes before the derived one")
def test_a_given_end_is_kept(update):
    given = "2024-05-01T12:00:00Z"
    assert update({"status": "ended", "ended_at": given}).json()["ended_at"] == given
    assert update({"status": "active", "ended_at": given}).json()["ended_at"] == given


def test_ending_it_twice_keeps_the_first_time(update):
    first = update({"status": "ended"}).json()
    assert update({"status": "ended"}).json()["ended_at"] == first["ended_at"]


def test_archiving_keeps_the_end(update):
    ended = update({"status": "ended"}).json()
    assert update({"status": "archived"}).json()["ended_at"] == ended["ended_at"]


def test_updated_at_moves(update, row):
    moved = update({"title": "x"}).json()["updated_at"]
    assert datetime.fromisoformat(moved) > datetime.fromisoformat(row["updated_at"])


@pytest.mark.wire(
    "mielto", "update_conversation", "an unknown conversation and one of another workspace are 404"
)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_foreign_conversation_is_not_found(api: ApiClient, stranger: ApiClient, globex: Tenant, method):
    for conversation_id in ("conv_unknown", globex.conversation.pk):
        response = api.call(method, f"/api/v1/conversations/{conversation_id}", {"title": "mine"})
        assert (response.status_code, response.json()) == (404, {"detail": "Conversation not found"})
    theirs = stranger.get(f"/api/v1/conversations/{globex.conversation.pk}").json()
    assert theirs["title"] == "globex opening hours"
