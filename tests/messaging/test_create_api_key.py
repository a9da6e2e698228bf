"""POST /api/v1/api-keys: the secret is shown once, and no key is wider than the one that asks."""

from datetime import UTC, datetime

import pytest
from django.core import serializers

from messaging.models import ApiKey, IdempotencyRecord
from messaging.values.keys import digest
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/api-keys"


@pytest.mark.wire("mielto", "create_api_key", "201 with the secret and the defaults")
def test_a_key_is_made(api: ApiClient, acme: Tenant):
    response = api.post(PATH, {"label": "Dashboard"})
    assert response.status_code == 201
    row = response.json()
    assert row["secret"].startswith(f"{row['key']}_")
    assert (row["status"], row["permissions"]) == ("active", ["read", "write"])
    assert (row["expires_at"], row["last_used_at"]) == (None, None)
    assert row["workspace_id"] == acme.workspace.pk
    assert (row["owner_id"], row["created_by"]) == ("acme-owner", "acme-owner")


@pytest.mark.wire("mielto", "create_api_key", "the secret opens the workspace")
def test_the_secret_works(api: ApiClient, acme: Tenant):
    secret = api.post(PATH, {"label": "new", "permissions": ["read"]}).json()["secret"]
    session = ApiClient(secret).get("/api/v1/auth/session").json()
    assert (session["workspace"]["id"], session["permissions"]) == (acme.workspace.pk, ["read"])


@pytest.mark.wire("mielto", "create_api_key", "only the digest of the secret is stored")
def test_the_database_holds_the_digest_alone(api: ApiClient):
    secret = api.post(PATH, {"label": "new"}).json()["secret"]
    stored = serializers.serialize("json", ApiKey.objects.all())
    assert digest(secret) in stored
    assert secret.split("_")[2] not in stored


@pytest.mark.wire(
    "mielto", "create_api_key", "Idempotency-Key is not honoured: its answer would keep the secret"
)
def test_a_retry_makes_another_key(api: ApiClient):
    first, second = (api.post(PATH, {"label": "new"}, idempotency_key="k") for _ in range(2))
    assert first.json()["secret"] != second.json()["secret"]
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("label", "x" * 255),
        ("status", "inactive"),
        ("permissions", []),
        ("permissions", ["admin", "agent", "read", "write"]),
        ("owner_id", "usr_1"),
        ("expires_at", "2090-01-01T00:00:00Z"),
    ],
)
def test_a_field_comes_back_as_it_was_sent(api: ApiClient, name, value):
    row = api.post(PATH, {"label": "new", name: value}).json()
    assert row[name] == value
    assert api.get(f"{PATH}/{row['id']}").json()[name] == value


def test_an_inactive_key_does_not_open(api: ApiClient):
    secret = api.post(PATH, {"label": "new", "status": "inactive"}).json()["secret"]
    assert ApiClient(secret).get("/api/v1/auth/session").status_code == 401


@pytest.mark.parametrize(
    "fields",
    [
        {"label": ""},
        {"label": "x" * 256},
        {"label": None},
        {"status": "paused"},
        {"permissions": ["root"]},
        {"permissions": "read"},
        {"expires_at": "soon"},
        {"expires_at": 0},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"owner_id": "x" * 256},
        {"ip_whitelist": ["10.0.0.1"]},
        {"collections": ["col_1"]},
    ],
)
def test_a_bad_value_is_refused(api: ApiClient, fields):
    assert api.post(PATH, {"label": "new"} | fields).status_code == 422
    assert ApiKey.objects.filter(label="new").count() == 0


@pytest.mark.parametrize("fields", [{"ip_whitelist": [], "collections": []}, {"ip_whitelist": None}])
def test_restrictions_that_we_do_not_enforce_may_be_empty(api: ApiClient, fields):
    assert api.post(PATH, {"label": "new"} | fields).status_code == 201


@pytest.mark.wire("mielto", "create_api_key", "needs the admin permission")
def test_it_needs_admin(client_with):
    narrow = client_with("read", "write", "agent")
    assert narrow.post(PATH, {"label": "new", "permissions": ["read"]}).status_code == 403


@pytest.mark.wire("mielto", "create_api_key", "permissions no wider than those of the key that asks")
@pytest.mark.parametrize("permissions", [["read", "write"], ["agent"], None])
def test_no_more_permissions_than_the_key_that_asks(client_with, permissions):
    body = {"label": "new"} | ({"permissions": permissions} if permissions else {})
    response = client_with("admin", "read").post(PATH, body)
    assert response.status_code == 403
    assert not ApiKey.objects.filter(label="new").exists()
    assert (
        client_with("admin", "read").post(PATH, {"label": "new", "permissions": ["read"]}).status_code == 201
    )


@pytest.mark.wire("mielto", "create_api_key", "no workspaces beyond those of the key that asks")
def test_no_more_workspaces_than_the_key_that_asks(api: ApiClient, globex: Tenant):
    for workspace_id in (globex.workspace.pk, "wsp_unknown"):
        response = api.post(PATH, {"label": "new", "workspace_ids": [workspace_id]})
        assert response.status_code == 403
        assert response.json() == {"detail": "workspace_ids: the key that asks may not use all of them"}
    assert not ApiKey.objects.filter(label="new").exists()


def test_a_workspace_of_the_key_that_asks_can_be_handed_on(api: ApiClient, acme: Tenant):
    further = api.post("/api/v1/workspaces", {"name": "Further"}).json()["id"]
    body = {"label": "new", "workspace_ids": [further, acme.workspace.pk]}
    made = ApiClient(api.post(PATH, body).json()["secret"])
    assert [row["name"] for row in made.get("/api/v1/workspaces").json()["data"]] == ["Further", "acme"]
    assert made.get("/api/v1/messages", x_workspace_id=further).json()["total_count"] == 0


@pytest.mark.wire("mielto", "create_api_key", "no key outlives the one that made it")
def test_no_longer_life_than_the_key_that_asks(client_with):
    maker = client_with("admin", expires_at=datetime(2090, 1, 1, tzinfo=UTC))
    body = {"label": "new", "permissions": []}
    assert maker.post(PATH, body | {"expires_at": "2090-01-01T00:00:01Z"}).status_code == 403
    assert maker.post(PATH, body).json()["expires_at"] == "2090-01-01T00:00:00Z"
    earlier = maker.post(PATH, body | {"expires_at": "2089-12-31T00:00:00Z"}).json()
    assert earlier["expires_at"] == "2089-12-31T00:00:00Z"


def test_a_key_made_in_a_named_workspace_belongs_there(api: ApiClient):
    further = api.post("/api/v1/workspaces", {"name": "Further"}).json()["id"]
    row = api.post(PATH, {"label": "new"}, x_workspace_id=further).json()
    assert row["workspace_id"] == further
