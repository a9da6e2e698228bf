"""X-Workspace-Id and x-user-id."""

from typing import Any

import pytest

from messaging.models import Message
from tests.cast import Tenant
from tests.client import ApiClient

MESSAGES = "/api/v1/messages"
BODY = {"content": {"content": "hi"}}


@pytest.fixture
def both(client_with, globex: Tenant) -> Any:
    """A client of acme whose key may use globex too."""
    return client_with("read", "write", further_workspace_ids=[globex.workspace.pk])


@pytest.mark.wire("mielto", "list_messages", "X-Workspace-Id absent: the key's default workspace")
@pytest.mark.parametrize("headers", [{}, {"x_workspace_id": ""}])
def test_without_the_header_it_is_the_default(both: ApiClient, acme: Tenant, headers):
    ids = {row["workspace_id"] for row in both.get(MESSAGES, **headers).json()["data"]}
    assert ids == {acme.workspace.pk}


@pytest.mark.wire("mielto", "list_messages", "X-Workspace-Id names one of the workspaces the key may use")
def test_the_header_chooses_the_workspace(both: ApiClient, acme: Tenant, globex: Tenant):
    for tenant in (acme, globex):
        rows = both.get(MESSAGES, x_workspace_id=tenant.workspace.pk).json()["data"]
        assert [row["id"] for row in rows] == [tenant.reply.pk, tenant.question.pk]


@pytest.mark.wire("mielto", "create_message", "X-Workspace-Id: messages are written there")
def test_the_header_chooses_where_it_is_written(both: ApiClient, globex: Tenant):
    [row] = both.post(MESSAGES, BODY, x_workspace_id=globex.workspace.pk).json()
    assert Message.objects.for_workspace(globex.workspace.pk).filter(pk=row["id"]).exists()


def test_a_conversation_of_the_default_is_not_found_from_the_other(
    both: ApiClient, acme: Tenant, globex: Tenant
):
    body = BODY | {"conversation_id": acme.conversation.pk}
    assert both.post(MESSAGES, body, x_workspace_id=globex.workspace.pk).status_code == 404
    assert both.post(MESSAGES, body).status_code == 201


@pytest.mark.wire("mielto", "list_messages", "X-Workspace-Id of a workspace the key may not use is 404")
@pytest.mark.parametrize("workspace_id", ["wsp_unknown", "{globex}", "x" * 5_000, "é", "a\0b", "{acme} "])
def test_a_workspace_that_the_key_may_not_use_is_not_found(
    api: ApiClient, acme: Tenant, globex: Tenant, workspace_id
):
    named = workspace_id.format(globex=globex.workspace.pk, acme=acme.workspace.pk.upper())
    for method, body in (("GET", None), ("POST", BODY), ("POST", "{")):
        response = api.call(method, MESSAGES, body, x_workspace_id=named)
        assert (response.status_code, response.json()) == (404, {"detail": "Workspace not found"})


def test_a_withdrawn_workspace_is_gone_at_once(both: ApiClient, globex: Tenant):
    globex.workspace.further_keys.clear()
    assert both.get(MESSAGES, x_workspace_id=globex.workspace.pk).status_code == 404


@pytest.mark.wire("mielto", "create_message", "x-user-id is any text, UTF-8 too")
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("bob", "bob"),
        ("a:b/c d", "a:b/c d"),
        ("Zoë".encode().decode("latin-1"), "Zoë"),
        ("👍".encode().decode("latin-1"), "👍"),
        ("Zo\xeb", "Zoë"),
        ("x" * 255, "x" * 255),
    ],
)
def test_the_user_is_kept_as_sent(api: ApiClient, sent, kept):
    [row] = api.post(MESSAGES, BODY, x_user_id=sent).json()
    assert row["sender_id"] == kept
    assert api.get("/api/v1/auth/session", x_user_id=sent).json()["user"]["id"] == kept


@pytest.mark.wire("mielto", "create_message", "x-user-id of more than 255 characters is 422")
@pytest.mark.parametrize("sent", ["x" * 256, "a\0b"])
def test_a_user_that_cannot_be_kept_is_refused(api: ApiClient, sent):
    response = api.post(MESSAGES, BODY, x_user_id=sent)
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["header", "x-user-id"]
    assert not Message.objects.filter(content="hi").exists()


def test_an_empty_user_is_none(api: ApiClient):
    [row] = api.post(MESSAGES, BODY, x_user_id="").json()
    assert row["sender_id"] == "acme-owner"


def test_the_user_narrows_nothing(api: ApiClient):
    assert api.get(MESSAGES, x_user_id="somebody").json()["total_count"] == 2


def test_a_header_that_we_do_not_know_is_ignored(api: ApiClient):
    assert api.get(MESSAGES, x_team_id="t", x_session_id="s", accept="text/html").status_code == 200
