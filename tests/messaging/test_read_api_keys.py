"""GET /api/v1/api-keys and /api/v1/api-keys/{api_key_id}"""

import pytest

from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/api-keys"


@pytest.mark.wire("mielto", "list_api_keys", "a page of the workspace's keys, newest first, without secrets")
def test_the_keys_of_the_workspace_are_listed(api: ApiClient, acme: Tenant):
    made = api.post(PATH, {"label": "new"}).json()
    page = api.get(PATH).json()
    assert [row["id"] for row in page["data"]] == [made["id"], acme.api_key.pk]
    assert (page["total_count"], page["limit"], page["has_more"]) == (2, 100, False)
    assert page["data"][0] == {name: value for name, value in made.items() if name != "secret"}


@pytest.mark.wire("mielto", "list_api_keys", "pages by skip and cursor, ordered by an allow-list")
def test_it_is_paged(api: ApiClient):
    for label in ("c", "b"):
        api.post(PATH, {"label": label})
    query = "?order_by=label&order_direction=asc&limit=2"
    first = api.get(f"{PATH}{query}").json()
    second = api.get(f"{PATH}{query}&cursor={first['next_cursor']}").json()
    assert [row["label"] for row in first["data"] + second["data"]] == ["acme key", "b", "c"]
    assert [row["label"] for row in api.get(f"{PATH}{query}&skip=2").json()["data"]] == ["c"]
    assert api.get(f"{PATH}?order_by=digest").status_code == 422


@pytest.mark.wire("mielto", "get_api_key", "200 without the secret, last_used_at shown")
def test_a_key_is_read(api: ApiClient, acme: Tenant):
    api.get("/api/v1/auth/session")
    row = api.get(f"{PATH}/{acme.api_key.pk}").json()
    assert (row["label"], row["permissions"]) == ("acme key", ["admin", "agent", "read", "write"])
    assert row["last_used_at"] is not None


@pytest.mark.wire("mielto", "get_api_key", "an unknown key and one of another workspace are 404")
def test_a_foreign_key_is_not_found(api: ApiClient, globex: Tenant):
    for api_key_id in ("key_unknown", globex.api_key.pk, "%00"):
        response = api.get(f"{PATH}/{api_key_id}")
        assert (response.status_code, response.json()) == (404, {"detail": "API key not found"})


@pytest.mark.wire("mielto", "list_api_keys", "needs the admin permission")
def test_reading_needs_admin(client_with, acme: Tenant):
    for path in (PATH, f"{PATH}/{acme.api_key.pk}"):
        assert client_with("read", "write", "agent").get(path).status_code == 403


def test_keys_of_other_workspaces_are_not_listed(stranger: ApiClient, acme: Tenant, globex: Tenant):
    assert [row["id"] for row in stranger.get(PATH).json()["data"]] == [globex.api_key.pk]
