"""PUT and DELETE /api/v1/api-keys/{api_key_id}"""

from datetime import UTC, datetime
from typing import Any

import pytest

from messaging.models import ApiKey
from messaging.services import create_api_key
from tests.cast import Tenant
from tests.client import ApiClient

PATH = "/api/v1/api-keys"


@pytest.fixture
def made(api: ApiClient) -> Any:
    return api.post(PATH, {"label": "made", "expires_at": "2090-01-01T00:00:00Z"}).json()


@pytest.fixture
def holder(made) -> ApiClient:
    """Whoever uses the key that was made."""
    return ApiClient(made["secret"])


@pytest.mark.wire("mielto", "update_api_key", "200 without the secret; what is left out stays")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("label", "new"),
        ("status", "inactive"),
        ("permissions", ["agent"]),
        ("permissions", []),
        ("expires_at", "2091-01-01T00:00:00Z"),
        ("expires_at", None),
    ],
)
def test_one_field_changes_and_the_others_stay(api: ApiClient, made, name, value):
    row = api.put(f"{PATH}/{made['id']}", {name: value}).json()
    expected = {key: old for key, old in made.items() if key != "secret"}
    assert row == expected | {name: value, "updated_at": row["updated_at"]}


@pytest.mark.parametrize("permissions", [["write", "read"], ["read", "write", "read"]])
def test_permissions_are_a_set(api: ApiClient, made, permissions):
    for response in (
        api.put(f"{PATH}/{made['id']}", {"permissions": permissions}),
        api.post(PATH, {"label": "new", "permissions": permissions}),
    ):
        assert response.json()["permissions"] == ["read", "write"]


@pytest.mark.wire("mielto", "update_api_key", "null clears only expires_at")
def test_null_changes_nothing_else(api: ApiClient, made):
    row = api.put(f"{PATH}/{made['id']}", {"label": None, "status": None, "permissions": None}).json()
    assert (row["label"], row["status"], row["permissions"]) == ("made", "active", ["read", "write"])


@pytest.mark.wire("mielto", "update_api_key", "expires_at lies in the future, as with a new key, or stays")
@pytest.mark.parametrize("moment", [0, "2020-01-01T00:00:00Z"])
def test_a_key_expires_in_the_future(api: ApiClient, made, moment):
    path = f"{PATH}/{made['id']}"
    [problem] = api.put(path, {"expires_at": moment}).json()["detail"]
    [same] = api.post(PATH, {"label": "new", "expires_at": moment}).json()["detail"]
    assert (problem["loc"], problem["msg"], problem["type"]) == (same["loc"], same["msg"], same["type"])
    assert api.get(path).json()["expires_at"] == made["expires_at"]


def test_an_expired_key_may_be_sent_back_as_it_is(api: ApiClient, made):
    ApiKey.objects.filter(pk=made["id"]).update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    shown = api.get(f"{PATH}/{made['id']}").json()
    response = api.put(f"{PATH}/{made['id']}", shown | {"label": "renamed"})
    assert (response.status_code, response.json()["label"]) == (200, "renamed")


@pytest.mark.wire("mielto", "update_api_key", "inactive revokes at the very next request, active restores")
def test_a_revoked_key_fails_at_once(api: ApiClient, made, holder: ApiClient):
    assert holder.get("/api/v1/messages").status_code == 200
    api.put(f"{PATH}/{made['id']}", {"status": "inactive"})
    assert holder.get("/api/v1/messages").status_code == 401
    api.put(f"{PATH}/{made['id']}", {"status": "active"})
    assert holder.get("/api/v1/messages").status_code == 200


def test_a_lost_permission_is_gone_at_once(api: ApiClient, made, holder: ApiClient):
    api.put(f"{PATH}/{made['id']}", {"permissions": ["read"]})
    assert holder.post("/api/v1/messages", {"content": {"content": "hi"}}).status_code == 403
    assert holder.get("/api/v1/messages").status_code == 200


@pytest.mark.wire("mielto", "update_api_key", "nothing wider than the key that asks")
def test_no_more_permissions_than_the_key_that_asks(client_with, made):
    response = client_with("admin").put(f"{PATH}/{made['id']}", {"permissions": ["admin", "read"]})
    assert response.status_code == 403
    assert ApiKey.objects.get(pk=made["id"]).permissions == ["read", "write"]


def test_no_longer_life_than_the_key_that_asks(client_with, made):
    asking = client_with("admin", "read", "write", expires_at=datetime(2080, 1, 1, tzinfo=UTC))
    path = f"{PATH}/{made['id']}"
    assert asking.put(path, {"expires_at": "2080-01-01T00:00:01Z"}).status_code == 403
    assert asking.put(path, {"expires_at": None}).json()["expires_at"] == "2080-01-01T00:00:00Z"


USABLE = [
    {"label": "renamed"},
    {"status": "active"},
    {"expires_at": "2095-01-01T00:00:00Z"},
    {"expires_at": None},
]


@pytest.mark.wire(
    "mielto", "update_api_key", "to leave a key usable takes every permission that it then holds"
)
@pytest.mark.parametrize("status", ["active", "inactive"])
@pytest.mark.parametrize("changes", USABLE)
def test_nobody_keeps_a_key_alive_that_may_do_more(api: ApiClient, client_with, made, status, changes):
    api.put(f"{PATH}/{made['id']}", {"status": status})
    before = ApiKey.objects.get(pk=made["id"])
    response = client_with("admin", "read").put(f"{PATH}/{made['id']}", changes | {"status": "active"})
    assert (response.status_code, "write" in response.json()["detail"]) == (403, True)
    after = ApiKey.objects.get(pk=made["id"])
    assert (after.label, after.status, after.expires_at) == (before.label, before.status, before.expires_at)


def test_a_key_that_has_expired_is_not_prolonged_by_less(client_with, made):
    ApiKey.objects.filter(pk=made["id"]).update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    changes = {"expires_at": "2095-01-01T00:00:00Z"}
    assert client_with("admin").put(f"{PATH}/{made['id']}", changes).status_code == 403
    assert client_with("admin", "read", "write").put(f"{PATH}/{made['id']}", changes).status_code == 200


def test_taking_away_what_the_one_that_asks_lacks_needs_no_more(client_with, made):
    narrow = client_with("admin", "read")
    assert narrow.put(f"{PATH}/{made['id']}", {"permissions": ["read"]}).json()["permissions"] == ["read"]


def test_a_key_is_not_reactivated_beyond_the_life_of_the_one_that_asks(api: ApiClient, client_with, made):
    api.put(f"{PATH}/{made['id']}", {"status": "inactive"})
    asking = client_with("admin", "read", "write", expires_at=datetime(2080, 1, 1, tzinfo=UTC))
    assert asking.put(f"{PATH}/{made['id']}", {"status": "active"}).status_code == 403
    both = {"status": "active", "expires_at": "2080-01-01T00:00:00Z"}
    assert asking.put(f"{PATH}/{made['id']}", both).json()["status"] == "active"


@pytest.mark.wire("mielto", "update_api_key", "deactivating needs admin alone")
@pytest.mark.wire("mielto", "delete_api_key", "needs admin alone, whatever the key may do")
def test_to_deactivate_and_to_delete_admin_alone_will_do(client_with, made):
    narrow = client_with("admin")
    assert narrow.put(f"{PATH}/{made['id']}", {"status": "inactive"}).json()["status"] == "inactive"
    assert narrow.put(f"{PATH}/{made['id']}", {"label": "gone"}).json()["label"] == "gone"
    assert narrow.delete(f"{PATH}/{made['id']}").status_code == 204


@pytest.fixture
def shared(acme: Tenant, globex: Tenant) -> Any:
    """A key of acme that may use globex too, which acme's own client may not."""
    shared, _ = create_api_key(
        workspace_id=acme.workspace.pk,
        label="shared",
        permissions=["read"],
        further_workspace_ids=[globex.workspace.pk],
    )
    return shared


@pytest.mark.wire(
    "mielto", "update_api_key", "nothing is given in a workspace that the key that asks may not use"
)
@pytest.mark.parametrize(
    "changes",
    [{"permissions": ["read", "write"]}, {"expires_at": None}, {"status": "active"}, {"label": "renamed"}],
)
def test_nothing_is_given_in_a_workspace_of_others(
    api: ApiClient, client_with, shared, globex: Tenant, changes
):
    assert api.put(f"{PATH}/{shared.pk}", changes).status_code == 403
    assert ApiKey.objects.get(pk=shared.pk).permissions == ["read"]
    wide = client_with("admin", "read", "write", further_workspace_ids=[globex.workspace.pk])
    assert wide.put(f"{PATH}/{shared.pk}", changes).status_code == 200


@pytest.mark.parametrize("changes", [{"status": "inactive"}, {"status": "inactive", "label": "renamed"}])
def test_any_admin_of_its_workspace_may_revoke_it(api: ApiClient, shared, changes):
    assert api.put(f"{PATH}/{shared.pk}", changes).status_code == 200


@pytest.mark.parametrize(
    "changes", [{"label": ""}, {"status": "x"}, {"permissions": ["root"]}, {"expires_at": "soon"}]
)
def test_a_bad_value_is_refused(api: ApiClient, made, changes):
    assert api.put(f"{PATH}/{made['id']}", changes).status_code == 422


def test_server_owned_fields_are_ignored(api: ApiClient, acme: Tenant, globex: Tenant, made):
    changes = {"workspace_id": globex.workspace.pk, "key": "x", "secret": "x", "digest": "x", "owner_id": "x"}
    row = api.put(f"{PATH}/{made['id']}", changes).json()
    assert (row["workspace_id"], row["key"]) == (acme.workspace.pk, made["key"])
    assert row["owner_id"] == made["owner_id"]


@pytest.mark.wire("mielto", "delete_api_key", "204; it fails from the next request on")
def test_a_deleted_key_fails_at_once(api: ApiClient, made, holder: ApiClient):
    assert holder.get("/api/v1/messages").status_code == 200
    response = api.delete(f"{PATH}/{made['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert holder.get("/api/v1/messages").status_code == 401
    assert api.delete(f"{PATH}/{made['id']}").status_code == 404


@pytest.mark.wire("mielto", "delete_api_key", "what its holder wrote stays")
def test_what_its_holder_wrote_stays(api: ApiClient, made, holder: ApiClient):
    [row] = holder.post("/api/v1/messages", {"content": {"content": "hi"}}).json()
    api.delete(f"{PATH}/{made['id']}")
    assert api.get(f"/api/v1/messages/{row['id']}").status_code == 200


@pytest.mark.wire("mielto", "update_api_key", "an unknown key and one of another workspace are 404")
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_foreign_key_is_not_found(api: ApiClient, globex: Tenant, method):
    for api_key_id in ("key_unknown", globex.api_key.pk):
        response = api.call(method, f"{PATH}/{api_key_id}", {"status": "inactive"})
        assert (response.status_code, response.json()) == (404, {"detail": "API key not found"})
    assert ApiKey.objects.get(pk=globex.api_key.pk).is_usable


@pytest.mark.wire("mielto", "delete_api_key", "needs the admin permission")
def test_writing_needs_admin(client_with, made):
    narrow = client_with("read", "write", "agent")
    assert narrow.put(f"{PATH}/{made['id']}", {"label": "x"}).status_code == 403
    assert narrow.delete(f"{PATH}/{made['id']}").status_code == 403
