"""PUT and PATCH /api/v1/workspaces/{workspace_id}"""

import pytest

from messaging.models import Workspace
from tests.cast import Tenant
from tests.client import ApiClient


@pytest.fixture(params=["PUT", "PATCH"])
def update(request, api: ApiClient, acme: Tenant):
    return lambda changes: api.call(request.param, f"/api/v1/workspaces/{acme.workspace.pk}", changes)


@pytest.mark.wire("mielto", "update_workspace", "200 WorkspaceRead; what is left out stays")
@pytest.mark.parametrize(("name", "value"), [("name", "Acme"), ("slug", "acme-2"), ("meta_data", {"k": [1]})])
def test_one_field_changes_and_the_others_stay(api: ApiClient, acme: Tenant, update, name, value):
    before = api.get(f"/api/v1/workspaces/{acme.workspace.pk}").json()
    after = update({name: value})
    assert after.status_code == 200
    assert after.json() == before | {name: value, "updated_at": after.json()["updated_at"]}
    assert after.json()["updated_at"] > before["updated_at"]


@pytest.mark.wire("mielto", "update_workspace", "null changes nothing")
def test_null_changes_nothing(update):
    row = update({"name": None, "slug": None, "meta_data": None}).json()
    assert (row["name"], row["slug"], row["meta_data"]) == ("acme", "acme", {})


@pytest.mark.wire("mielto", "update_workspace", "a taken slug is 409")
def test_a_taken_slug_is_refused(update, globex: Tenant):
    response = update({"name": "changed", "slug": globex.workspace.slug})
    assert response.status_code == 409
    assert response.json() == {"detail": "Another workspace has this slug"}
    assert not Workspace.objects.filter(name="changed").exists()


def test_its_own_slug_is_not_taken(update):
    assert update({"slug": "acme"}).status_code == 200


@pytest.mark.parametrize("changes", [{"name": ""}, {"slug": "A"}, {"meta_data": 1}, {"name": "x" * 256}])
def test_a_bad_value_is_refused(update, changes):
    assert update(changes).status_code == 422


@pytest.mark.wire("mielto", "update_workspace", "needs the admin permission")
def test_it_needs_admin(client_with, acme: Tenant):
    path = f"/api/v1/workspaces/{acme.workspace.pk}"
    assert client_with("read", "write", "agent").put(path, {"name": "x"}).status_code == 403
    assert client_with("admin").put(path, {"name": "x"}).status_code == 200


@pytest.mark.wire("mielto", "update_workspace", "one that the key may not use is 404")
def test_a_foreign_workspace_is_not_found(api: ApiClient, globex: Tenant):
    response = api.put(f"/api/v1/workspaces/{globex.workspace.pk}", {"name": "mine"})
    assert (response.status_code, response.json()) == (404, {"detail": "Workspace not found"})
    assert Workspace.objects.get(pk=globex.workspace.pk).name == "globex"
