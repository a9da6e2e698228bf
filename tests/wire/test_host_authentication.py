"""A host may bring its own credentials and its own "which workspace is this request's"."""

import pytest
from pytest_django import Settings

from messaging.models import Message
from messaging.wire.auth import Access
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db

MESSAGES = "/api/v1/messages"


@pytest.fixture(autouse=True)
def badges(settings: Settings) -> None:
    settings.PARLEY = {
        "AUTHENTICATION": "tests.hostapp.rest.BadgeAuthentication",
        "ACCESS": "tests.hostapp.rest.access_of_badge",
    }


@pytest.fixture
def member(acme: Tenant) -> ApiClient:
    return ApiClient(None, X_Badge="ada/acme")


def test_a_badge_opens_its_workspace(member: ApiClient, acme: Tenant):
    rows = member.get(MESSAGES).json()["data"]
    assert {row["id"] for row in rows} == {acme.question.pk, acme.reply.pk}


def test_a_badge_does_not_open_another(member: ApiClient, globex: Tenant):
    response = member.get(f"{MESSAGES}/{globex.question.pk}")
    assert (response.status_code, response.json()) == (404, {"detail": "Message not found"})


def test_its_holder_owns_what_it_writes(member: ApiClient):
    [row] = member.post(MESSAGES, {"content": {"content": "hi"}}).json()
    assert (row["sender_id"], row["owner_id"]) == ("ada", "ada")


def test_our_keys_open_nothing_any_more(acme: Tenant):
    assert ApiClient(acme.secret).get(MESSAGES).status_code == 401


def test_without_a_badge(acme: Tenant):
    response = ApiClient(None).get(MESSAGES)
    assert (response.status_code, response.json()) == (401, {"detail": "Not authenticated"})
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_badge_that_the_host_refuses(acme: Tenant):
    response = ApiClient(None, X_Badge="ada").get(MESSAGES)
    assert (response.status_code, response.json()) == (401, {"detail": "Not a badge"})


def test_a_workspace_that_is_not_there(acme: Tenant):
    response = ApiClient(None, X_Badge="ada/nowhere").get("/api/v1/auth/session")
    assert (response.status_code, response.json()) == (404, {"detail": "Workspace not found"})


def test_the_permissions_are_those_of_the_access(acme: Tenant):
    guest = ApiClient(None, X_Badge="guest/acme")
    assert guest.get(MESSAGES).status_code == 200
    before = Message.objects.count()
    assert guest.post(MESSAGES, {"content": {"content": "hi"}}).status_code == 403
    assert guest.get("/api/v1/api-keys").status_code == 403
    assert Message.objects.count() == before


def test_who_am_i(member: ApiClient, acme: Tenant):
    session = member.get("/api/v1/auth/session").json()
    assert session["workspace"]["id"] == acme.workspace.pk
    assert (session["user"]["id"], session["permissions"]) == ("ada", ["read", "write"])


def test_the_only_workspace_in_the_list_is_its_own(member: ApiClient, acme: Tenant):
    page = member.get("/api/v1/workspaces").json()
    assert [row["id"] for row in page["data"]] == [acme.workspace.pk]


def test_idempotency_and_cursors_work_as_with_keys(member: ApiClient):
    first, again = (member.post(MESSAGES, {"content": {"content": "x"}}, Idempotency_Key="k") for _ in "ab")
    assert (first.content, again["Idempotent-Replayed"]) == (again.content, "true")
    page = member.get(f"{MESSAGES}?limit=1").json()
    assert member.get(f"{MESSAGES}?limit=1&cursor={page['next_cursor']}").status_code == 200


def test_the_holder_is_who_the_rate_limit_counts(member: ApiClient, settings: Settings):
    settings.PARLEY = settings.PARLEY | {"RATE_LIMIT": "2/hour"}
    assert [member.get(MESSAGES).status_code for _ in range(3)] == [200, 200, 429]
    assert ApiClient(None, X_Badge="eve/acme").get(MESSAGES).status_code == 200


def test_an_idempotency_key_belongs_to_the_holder(member: ApiClient):
    body = {"content": {"content": "hi"}}
    another = ApiClient(None, X_Badge="bob/acme")
    rows = [client.post(MESSAGES, body, idempotency_key="1").json()[0] for client in (member, another) * 2]
    assert (rows[0]["id"], rows[1]["id"]) == (rows[2]["id"], rows[3]["id"])
    assert rows[0]["id"] != rows[1]["id"]


def test_a_long_name_of_a_caller_is_told_from_others():
    names = ["a" * 255, "a" * 256, "a" * 257, "b" * 257]
    callers = {Access(workspace_id="w", permissions=frozenset(), identity=name).caller for name in names}
    assert len(callers) == 4
    assert max(map(len, callers)) == 255
