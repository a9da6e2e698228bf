"""What belongs to another workspace answers, byte for byte, like what does not exist: lists, bodies, headers.

`test_every_operation.py` sends foreign ids to every route.
"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

ABSENT = "absent_01h455vb4pex5vsknk084sn02q"
LISTS = ("messages", "conversations", "workspaces", "api-keys", "webhooks")


@pytest.mark.wire("mielto", "list_conversations", "a list never shows another workspace")
@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query", ["", "limit=1", "order_direction=asc&sort_order=asc", "search=globex", "skip=1"]
)
def test_a_list_never_shows_another_workspace(api: ApiClient, globex: Tenant, path, query):
    page = api.get(f"/api/v1/{path}?{query}")
    assert b"globex" not in page.content
    for foreign in (globex.workspace.pk, globex.conversation.pk, globex.question.pk, globex.api_key.pk):
        assert foreign.encode() not in page.content
    assert page.json()["total_count"] <= 2


@pytest.mark.parametrize("filter_name", ["conversation_id", "sender_id", "parent_message_id", "user_id"])
def test_a_filter_does_not_reach_beyond_the_workspace(api: ApiClient, globex: Tenant, filter_name):
    for value in (globex.conversation.pk, "globex-customer", globex.question.pk):
        for path in ("messages", "conversations"):
            assert b"globex" not in api.get(f"/api/v1/{path}?{filter_name}={value}").content


@pytest.mark.wire(
    "mielto", "create_message", "a conversation of another workspace answers like an absent one"
)
def test_a_foreign_conversation_in_a_body_is_an_absent_one(api: ApiClient, globex: Tenant):
    for content in ({"content": "x"}, [{"content": "x", "created_at": "2024-05-01T12:00:00Z"}], []):
        foreign, absent = (
            api.post("/api/v1/messages", {"conversation_id": conversation_id, "content": content})
            for conversation_id in (globex.conversation.pk, ABSENT)
        )
        assert (foreign.status_code, foreign.content) == (404, absent.content)
    globex.conversation.refresh_from_db()
    assert (globex.conversation.last_seq, globex.conversation.message_count) == (2, 2)


def test_a_foreign_parent_is_opaque(api: ApiClient, globex: Tenant):
    body = {"content": {"content": "x", "parent_message_id": globex.question.pk}}
    assert api.post("/api/v1/messages", body).status_code == 201


@pytest.mark.wire("mielto", "create_api_key", "a workspace of others answers like an absent one")
def test_a_foreign_workspace_in_a_body_is_an_absent_one(api: ApiClient, globex: Tenant):
    foreign, absent = (
        api.post("/api/v1/api-keys", {"label": "x", "workspace_ids": [workspace_id]})
        for workspace_id in (globex.workspace.pk, ABSENT)
    )
    assert (foreign.status_code, foreign.content) == (absent.status_code, absent.content)


def test_a_foreign_workspace_in_the_header_is_an_absent_one(api: ApiClient, globex: Tenant):
    for path in LISTS:
        foreign, absent = (
            api.get(f"/api/v1/{path}", x_workspace_id=workspace_id)
            for workspace_id in (globex.workspace.pk, ABSENT)
        )
        assert (foreign.status_code, foreign.content) == (404, absent.content)


@pytest.mark.parametrize("path", ["messages", "conversations", "api-keys"])
def test_a_foreign_cursor_is_refused(api: ApiClient, stranger: ApiClient, path):
    for body in ({"content": {"content": "x"}}, {"label": "x"}):
        stranger.post("/api/v1/messages" if "content" in body else "/api/v1/api-keys", body)
    cursor = stranger.get(f"/api/v1/{path}?limit=1").json()["next_cursor"]
    assert cursor
    assert api.get(f"/api/v1/{path}?limit=1&cursor={cursor}").status_code == 422


def test_a_key_of_two_workspaces_sees_them_apart(client_with, acme: Tenant, globex: Tenant):
    both = client_with("read", "write", further_workspace_ids=[globex.workspace.pk])
    cursor = both.get("/api/v1/messages?limit=1", x_workspace_id=globex.workspace.pk).json()["next_cursor"]
    assert b"globex" not in both.get("/api/v1/messages").content
    assert both.get(f"/api/v1/messages?limit=1&cursor={cursor}").status_code == 422
    assert both.get(f"/api/v1/messages/{globex.reply.pk}").status_code == 404
