"""POST /api/v1/workspaces"""

import pytest

from messaging.models import Workspace
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/workspaces"


@pytest.mark.wire("mielto", "create_workspace", "201 WorkspaceRead")
def test_a_workspace_is_made(api: ApiClient):
    response = api.post(PATH, {"name": "Support Europe", "slug": "support", "meta_data": {"k": 1}})
    assert response.status_code == 201
    row = response.json()
    assert (row["name"], row["slug"], row["meta_data"]) == ("Support Europe", "support", {"k": 1})
    assert api.get(f"{PATH}/{row['id']}").json() == row


@pytest.mark.wire("mielto", "create_workspace", "without slug one is made from the name")
@pytest.mark.parametrize(
    ("name", "slug"), [("Support Europe", "support-europe"), ("Café №1", "cafe-no1"), ("日本", "workspace")]
)
def test_the_slug_comes_from_the_name(api: ApiClient, name, slug):
    assert api.post(PATH, {"name": name}).json()["slug"] == slug


def test_a_derived_slug_makes_room_for_itself(api: ApiClient):
    first, second = (api.post(PATH, {"name": "Twin"}).json() for _ in range(2))
    assert first["slug"] == "twin"
    assert second["slug"].startswith("twin-")


@pytest.mark.wire("mielto", "create_workspace", "a taken slug is 409")
def test_a_taken_slug_is_refused(api: ApiClient, globex: Tenant):
    response = api.post(PATH, {"name": "New", "slug": globex.workspace.slug})
    assert response.status_code == 409
    assert response.json() == {"detail": "Another workspace has this slug"}
    assert not Workspace.objects.filter(name="New").exists()


@pytest.mark.wire("mielto", "create_workspace", "the key that asks may use it from then on")
def test_the_key_that_asks_may_use_it(api: ApiClient):
    workspace_id = api.post(PATH, {"name": "New"}).json()["id"]
    session = api.get("/api/v1/auth/session", x_workspace_id=workspace_id)
    assert session.json()["workspace"]["id"] == workspace_id


def test_other_keys_may_not(api: ApiClient, client_with):
    workspace_id = api.post(PATH, {"name": "New"}).json()["id"]
    assert client_with("read").get(f"{PATH}/{workspace_id}").status_code == 404


@pytest.mark.wire("mielto", "create_workspace", "needs the admin permission")
def test_it_needs_admin(client_with):
    assert client_with("read", "write", "agent").post(PATH, {"name": "New"}).status_code == 403
    assert client_with("admin").post(PATH, {"name": "New"}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": None},
        {"name": "x" * 256},
        {"name": "x", "slug": "Upper"},
        {"name": "x", "slug": ""},
        {"name": "x", "slug": "-a"},
        {"name": "x", "slug": "a\n"},
        {"name": "x", "slug": "x" * 101},
        {"name": "x", "meta_data": []},
    ],
)
def test_a_bad_value_is_refused(api: ApiClient, body):
    assert api.post(PATH, body).status_code == 422
