"""GET /api/v1/auth/session"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/auth/session"


@pytest.mark.wire("mielto", "get_session", "200 with user, workspace and permissions")
def test_it_says_who_is_calling(api: ApiClient, acme: Tenant):
    session = api.get(PATH).json()
    assert session["user"] == {
        "id": "acme-owner",
        "email": None,
        "first_name": None,
        "last_name": None,
        "avatar_url": None,
    }
    assert session["workspace"] == api.get(f"/api/v1/workspaces/{acme.workspace.pk}").json()
    assert session["permissions"] == ["admin", "agent", "read", "write"]


@pytest.mark.wire("mielto", "get_session", "the user is x-user-id where that is given")
def test_the_named_user_goes_before_the_owner(api: ApiClient):
    assert api.get(PATH, x_user_id="bob").json()["user"]["id"] == "bob"


@pytest.mark.wire("mielto", "get_session", "the workspace is the one that X-Workspace-Id names")
def test_the_named_workspace_is_shown(client_with, globex: Tenant):
    both = client_with("read", further_workspace_ids=[globex.workspace.pk])
    session = both.get(PATH, x_workspace_id=globex.workspace.pk).json()
    assert session["workspace"]["name"] == "globex"


@pytest.mark.wire("mielto", "get_session", "401 with detail for a bad key")
def test_a_bad_key_has_no_session(acme: Tenant):
    response = ApiClient("no key").get(PATH)
    assert (response.status_code, set(response.json())) == (401, {"detail"})
