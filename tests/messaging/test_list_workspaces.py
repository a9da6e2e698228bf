"""GET /api/v1/workspaces and /api/v1/workspaces/{workspace_id}"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/workspaces"


@pytest.mark.wire("mielto", "list_workspaces", "shows the key's own, and no other")
def test_the_workspaces_of_the_key_are_listed(api: ApiClient, acme: Tenant, globex: Tenant):
    new = api.post(PATH, {"name": "Another"}).json()
    page = api.get(PATH).json()
    assert [row["id"] for row in page["data"]] == [new["id"], acme.workspace.pk]
    assert (page["total_count"], page["limit"], page["has_more"]) == (2, 100, False)


def test_further_workspaces_are_listed(client_with, acme: Tenant, globex: Tenant):
    both = client_with("read", further_workspace_ids=[globex.workspace.pk])
    assert [row["name"] for row in both.get(PATH).json()["data"]] == ["acme", "globex"]


@pytest.mark.wire("mielto", "list_workspaces", "by name unless asked otherwise; pages by skip and cursor")
def test_it_is_paged(api: ApiClient, acme: Tenant):
    for name in ("d", "b", "c"):
        api.post(PATH, {"name": name})
    first = api.get(f"{PATH}?limit=2").json()
    second = api.get(f"{PATH}?limit=2&cursor={first['next_cursor']}").json()
    assert [row["name"] for row in first["data"] + second["data"]] == ["acme", "b", "c", "d"]
    assert [row["name"] for row in api.get(f"{PATH}?skip=3").json()["data"]] == ["d"]
    newest = api.get(f"{PATH}?order_by=created_at&order_direction=desc&limit=1").json()["data"]
    assert [row["name"] for row in newest] == ["c"]


@pytest.mark.wire("mielto", "list_workspaces", "order_by: an allow-list, anything else 422")
def test_an_unknown_order_is_refused(api: ApiClient):
    assert api.get(f"{PATH}?order_by=meta_data").status_code == 422


@pytest.mark.wire("mielto", "get_workspace", "200 WorkspaceRead")
def test_a_workspace_is_read(api: ApiClient, acme: Tenant):
    row = api.get(f"{PATH}/{acme.workspace.pk}").json()
    assert (row["id"], row["name"], row["slug"], row["meta_data"]) == (acme.workspace.pk, "acme", "acme", {})
    assert api.get(PATH).json()["data"] == [row]


@pytest.mark.wire(
    "mielto", "get_workspace", "one that the key may not use is 404, as one that does not exist"
)
def test_a_foreign_workspace_is_not_found(api: ApiClient, globex: Tenant):
    for workspace_id in ("wsp_unknown", globex.workspace.pk, "%00"):
        response = api.get(f"{PATH}/{workspace_id}")
        assert (response.status_code, response.json()) == (404, {"detail": "Workspace not found"})


@pytest.mark.wire("mielto", "list_workspaces", "needs the read permission")
def test_reading_needs_read(client_with, acme: Tenant):
    for path in (PATH, f"{PATH}/{acme.workspace.pk}"):
        assert client_with("write", "agent", "admin").get(path).status_code == 403
        assert client_with("read").get(path).status_code == 200
