"""DELETE /api/v1/workspaces/{workspace_id}"""

import pytest

from messaging.models import ApiKey, Conversation, IdempotencyRecord, Message, Workspace
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/workspaces"


@pytest.mark.wire("mielto", "delete_workspace", "204 for an empty one")
def test_an_empty_workspace_is_deleted(api: ApiClient):
    workspace_id = api.post(PATH, {"name": "Empty"}).json()["id"]
    response = api.delete(f"{PATH}/{workspace_id}")
    assert (response.status_code, response.content) == (204, b"")
    assert api.get(f"{PATH}/{workspace_id}").status_code == 404


@pytest.mark.wire("mielto", "delete_workspace", "409 for one that holds conversations, unless force=true")
@pytest.mark.parametrize("query", ["", "?force=false", "?force=0"])
def test_one_that_holds_conversations_stays(api: ApiClient, acme: Tenant, query):
    response = api.delete(f"{PATH}/{acme.workspace.pk}{query}")
    assert (response.status_code, set(response.json())) == (409, {"detail"})
    assert Message.objects.for_workspace(acme.workspace.pk).count() == 2


@pytest.mark.wire("mielto", "delete_workspace", "force=true deletes everything in it")
@pytest.mark.parametrize("force", ["true", "1", "yes", "on"])
def test_force_deletes_everything_in_it(api: ApiClient, acme: Tenant, globex: Tenant, force):
    api.post("/api/v1/messages", {"content": {"content": "hi"}}, idempotency_key="k")
    assert api.delete(f"{PATH}/{acme.workspace.pk}?force={force}").status_code == 204
    for model in (Message, Conversation, ApiKey, IdempotencyRecord):
        assert not model.objects.for_workspace(acme.workspace.pk).exists(), model
    assert Message.objects.for_workspace(globex.workspace.pk).count() == 2


def test_its_keys_fail_at_the_next_request(api: ApiClient, acme: Tenant):
    api.delete(f"{PATH}/{acme.workspace.pk}?force=true")
    assert api.get("/api/v1/messages").status_code == 401


def test_a_bad_query_is_refused(api: ApiClient, acme: Tenant):
    assert api.delete(f"{PATH}/{acme.workspace.pk}?force=perhaps").status_code == 422


@pytest.mark.wire("mielto", "delete_workspace", "needs the admin permission")
def test_it_needs_admin(client_with, acme: Tenant):
    narrow = client_with("read", "write", "agent")
    assert narrow.delete(f"{PATH}/{acme.workspace.pk}?force=true").status_code == 403


@pytest.mark.wire("mielto", "delete_workspace", "one that the key may not use is 404")
def test_a_foreign_workspace_is_not_found(api: ApiClient, globex: Tenant):
    response = api.delete(f"{PATH}/{globex.workspace.pk}?force=true")
    assert (response.status_code, response.json()) == (404, {"detail": "Workspace not found"})
    assert Workspace.objects.filter(pk=globex.workspace.pk).exists()
