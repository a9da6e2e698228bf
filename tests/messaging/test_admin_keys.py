"""Keys in the admin: shown once, revoked at once, and never wider than who gives them sees."""

import re
import shlex
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client, override_settings
from django.utils import timezone

from messaging.admin import ApiKeyAdmin
from messaging.models import ApiKey, Workspace
from messaging.services import change_further_workspaces, create_api_key, create_workspace
from tests.cast import Tenant
from tests.client import ApiClient
from tests.messaging.staff import client_of, make_member

pytestmark = pytest.mark.usefixtures("in_english")

KEYS = "/admin/parley/apikey/"
ADD = f"{KEYS}add/"


@pytest.fixture
def staff(admin_client: Client, acme: Tenant) -> Client:
    return admin_client


@pytest.fixture
def member(acme: Tenant) -> Client:
    return client_of(make_member(acme.workspace))


def fields(workspace: Workspace, **more: Any) -> dict[str, Any]:
    return {"label": "new", "workspace": workspace.pk, "permissions": ["read"], **more}


def stored(key: ApiKey, **more: Any) -> dict[str, Any]:
    """The form of a key as it was opened, with these fields changed."""
    further = list(key.further_workspaces.values_list("pk", flat=True))
    form = {"label": key.label, "permissions": key.permissions, "status": key.status}
    return form | {"owner_id": key.owner_id or "", "further_workspaces": further} | more


def path_of(key: ApiKey) -> str:
    return f"{KEYS}{key.pk}/change/"


def text(client: Client, path: str, **given: Any) -> str:
    return client.get(path, given).content.decode()


def secret_in(response: Any) -> str:
    [secret] = re.findall(r'id="parley-secret"[^>]*>(parley_\w+)<', response.content.decode())
    return str(secret)


def test_the_answer_that_makes_a_key_shows_it_and_is_not_stored(staff: Client, acme: Tenant):
    response = staff.post(ADD, fields(acme.workspace))
    secret = secret_in(response)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert ApiClient(secret).get("/api/v1/messages").status_code == 200
    assert secret not in str(dict(staff.session)) + str(staff.cookies)


def test_no_other_page_shows_any_of_it(staff: Client, acme: Tenant):
    secret = secret_in(staff.post(ADD, fields(acme.workspace)))
    key = ApiKey.objects.get(label="new")
    pages = [
        KEYS,
        path_of(key),
        f"{KEYS}{key.pk}/history/",
        f"{KEYS}{key.pk}/revoke/",
        f"{KEYS}{key.pk}/delete/",
    ]
    for path in (*pages, "/admin/"):
        page = text(staff, path)
        assert secret[16:] not in page
        assert key.digest not in page
    assert secret[16:] not in str(list(LogEntry.objects.values()))


def promise(client: Client) -> str:
    [found] = re.findall(r'name="promise" value="([^"]*)"', text(client, ADD))
    return str(found)


def test_a_form_that_is_sent_again_makes_no_second_key(staff: Client, acme: Tenant):
    form = fields(acme.workspace, promise=promise(staff))
    secret = secret_in(staff.post(ADD, form))
    key = ApiKey.objects.get(label="new")
    again = staff.post(ADD, form).content.decode()
    assert "This form has already made the API key" in again
    assert path_of(key) in again
    assert secret[16:] not in again
    assert ApiKey.objects.filter(label="new").count() == 1
    assert ApiKey.objects.get(pk=key.pk).digest == key.digest
    secret_in(staff.post(ADD, fields(acme.workspace, promise=promise(staff))))
    assert ApiKey.objects.filter(label="new").count() == 2


def test_of_two_that_are_sent_at_once_one_makes_a_key(
    staff: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    form = fields(acme.workspace, promise=promise(staff))
    staff.post(ADD, form)
    monkeypatch.setattr(ApiKeyAdmin, "_made", lambda *args: None)  # the other was not stored yet
    assert "This key is made already" in staff.post(ADD, form).content.decode()
    assert ApiKey.objects.filter(label="new").count() == 1


def test_a_mistake_in_the_form_keeps_its_promise(staff: Client, acme: Tenant):
    promised = promise(staff)
    page = staff.post(ADD, fields(acme.workspace, label="", promise=promised)).content.decode()
    assert f'name="promise" value="{promised}"' in page


def test_nobody_chooses_the_id_of_a_key(staff: Client, acme: Tenant):
    secret_in(staff.post(ADD, fields(acme.workspace, promise="key_01m7yvvaenegzbgw3d20w14tfh")))
    assert ApiKey.objects.get(label="new").pk != "key_01m7yvvaenegzbgw3d20w14tfh"


def test_the_curl_line_works_as_it_is_written(staff: Client, acme: Tenant):
    for permissions, path in ((["read"], "messages"), (["write"], "auth/session")):
        page = staff.post(ADD, fields(acme.workspace, permissions=permissions)).content.decode()
        [line] = re.findall(r'id="parley-curl"[^>]*>(.*?)<', page)
        command, flag, header, address = shlex.split(line.replace("&#x27;", "'"))
        assert (command, flag, urlsplit(address).netloc) == ("curl", "-H", "testserver")
        assert urlsplit(address).path.endswith(f"/api/v1/{path}")
        name, _, value = header.partition(": ")
        assert Client().get(address, headers={name: value}).status_code == 200


@override_settings(ROOT_URLCONF="tests.messaging.admin_urls")
def test_without_a_wire_there_is_a_hint_instead(staff: Client, acme: Tenant):
    page = staff.post(ADD, fields(acme.workspace)).content.decode()
    assert "No wire of Parley is mounted" in page


def test_a_key_expires_in_the_future(staff: Client, acme: Tenant):
    past = timezone.now() - timedelta(days=1)
    moment = {"expires_at_0": past.date().isoformat(), "expires_at_1": "12:00:00"}
    assert "Give a moment in the future" in staff.post(ADD, fields(acme.workspace, **moment)).content.decode()
    assert not ApiKey.objects.filter(label="new").exists()


def test_a_new_key_opens_further_workspaces(staff: Client, acme: Tenant, globex: Tenant):
    secret = secret_in(staff.post(ADD, fields(acme.workspace, further_workspaces=[globex.workspace.pk])))
    answer = ApiClient(secret).get("/api/v1/messages", X_Workspace_Id=globex.workspace.pk)
    assert {row["id"] for row in answer.json()["data"]} == {row.pk for row in globex.messages}


def test_each_permission_says_what_it_allows(staff: Client):
    page = text(staff, ADD)
    assert "read: every GET of messages" in page
    assert page.count('type="checkbox" name="permissions"') == 4


def test_a_key_is_revoked_by_its_button_once_asked(staff: Client, acme: Tenant, api: ApiClient):
    assert "/revoke/" in text(staff, path_of(acme.api_key))
    path = f"{KEYS}{acme.api_key.pk}/revoke/"
    assert "From the next request on" in text(staff, path)
    assert api.get("/api/v1/messages").status_code == 200
    staff.post(path, {"confirmed": "yes"})
    assert api.get("/api/v1/messages").status_code == 401
    assert LogEntry.objects.get(object_id=acme.api_key.pk).change_message == "Revoked."
    assert "/revoke/" not in text(staff, path_of(acme.api_key))


def test_several_are_revoked_by_the_action(staff: Client, acme: Tenant, globex: Tenant):
    chosen = {"action": "revoke", "_selected_action": [acme.api_key.pk, globex.api_key.pk]}
    page = staff.post(KEYS, chosen).content.decode()
    assert page.count("of <bdi>") == 2
    assert ApiKey.objects.active().count() == 2
    staff.post(KEYS, chosen | {"post": "yes"})
    assert ApiKey.objects.revoked().count() == 2


def test_a_revoked_key_is_active_again_by_its_form(staff: Client, acme: Tenant, api: ApiClient):
    ApiKey.objects.update(status="inactive")
    acme.api_key.refresh_from_db()
    staff.post(path_of(acme.api_key), stored(acme.api_key, status="active"))
    assert api.get("/api/v1/messages").status_code == 200


def test_a_viewer_sees_a_key_and_can_do_nothing_to_it(acme: Tenant):
    viewer = client_of(make_member(acme.workspace, permissions=("view_apikey", "view_workspace")))
    page = text(viewer, path_of(acme.api_key))
    assert acme.api_key.public_prefix in page
    assert "/revoke/" not in page
    assert "?like=" not in page
    path = f"{KEYS}{acme.api_key.pk}/revoke/"
    assert (viewer.get(path).status_code, viewer.post(path, {"confirmed": "yes"}).status_code) == (403, 403)
    assert 'value="revoke"' not in text(viewer, KEYS)
    assert viewer.get(ADD).status_code == 403


@pytest.mark.parametrize("page", ["change", "revoke", "delete", "history"])
def test_a_key_of_another_workspace_is_not_there(member: Client, globex: Tenant, page: str):
    for method in (member.get, member.post):
        response = method(
            f"{KEYS}{globex.api_key.pk}/{page}/", {"confirmed": "yes", "post": "yes"}, follow=True
        )
        page = response.content.decode()
        assert "doesn’t exist" in page or "This API key is gone" in page
        assert "globex" not in page
    assert ApiKey.objects.active().count() == 2


def test_an_action_on_foreign_keys_does_nothing(member: Client, globex: Tenant):
    chosen = {"action": "revoke", "_selected_action": [globex.api_key.pk], "post": "yes"}
    member.post(KEYS, chosen)
    assert ApiKey.objects.active().count() == 2


@pytest.fixture
def wide(acme: Tenant, globex: Tenant) -> ApiKey:
    """A key of acme that opens globex too."""
    further = [globex.workspace.pk]
    key, _ = create_api_key(workspace_id=acme.workspace.pk, label="wide", further_workspace_ids=further)
    return key


def test_workspaces_that_are_not_seen_are_counted_not_named(member: Client, wide: ApiKey):
    viewer = client_of(make_member(wide.workspace, permissions=("view_apikey",), name="viewer"))
    for person in (member, viewer):
        for path in (
            path_of(wide),
            f"{KEYS}{wide.pk}/delete/",
            f"{KEYS}{wide.pk}/history/",
            f"{ADD}?like={wide.pk}",
        ):
            assert "globex" not in text(person, path)
        assert "1 that you do not see" in text(person, path_of(wide))


def test_they_stay_when_the_others_are_changed(member: Client, wide: ApiKey, globex: Tenant):
    member.post(path_of(wide), stored(wide, further_workspaces=[], label="renamed"))
    wide.refresh_from_db()
    assert wide.label == "renamed"
    assert list(wide.further_workspaces.all()) == [globex.workspace]


@pytest.mark.parametrize(
    "more",
    [{"permissions": ["read", "write", "admin"]}, {"status": "active"}, {"expires_at_0": "2999-01-01"}],
)
def test_a_key_that_opens_more_than_is_seen_is_given_no_more(
    member: Client, wide: ApiKey, more: dict[str, Any]
):
    soon = timezone.now() + timedelta(days=1)
    ApiKey.objects.filter(pk=wide.pk).update(status="inactive", expires_at=soon)
    wide.refresh_from_db()
    expiry = {"expires_at_0": soon.date().isoformat(), "expires_at_1": f"{soon:%H:%M:%S}"}
    form = stored(wide, further_workspaces=[]) | expiry | more
    assert "you cannot give it more than it has" in member.post(path_of(wide), form).content.decode()
    after = ApiKey.objects.get(pk=wide.pk)
    assert (after.permissions, after.status, after.expires_at) == (["read", "write"], "inactive", soon)


def test_but_it_can_be_revoked(member: Client, wide: ApiKey):
    member.post(f"{KEYS}{wide.pk}/revoke/", {"confirmed": "yes"})
    assert ApiKey.objects.get(pk=wide.pk).state == "revoked"


def test_a_form_offers_and_takes_no_foreign_further_workspace(member: Client, acme: Tenant, globex: Tenant):
    form = fields(acme.workspace, further_workspaces=[globex.workspace.pk])
    assert "not one of the available choices" in member.post(ADD, form).content.decode()
    found = member.get(
        "/admin/autocomplete/",
        {"app_label": "parley", "model_name": "apikey", "field_name": "further_workspaces", "term": ""},
    ).json()
    assert [row["text"] for row in found["results"]] == ["acme"]


def test_a_new_key_with_the_same_rights_starts_from_the_old_one(staff: Client, wide: ApiKey, globex: Tenant):
    page = staff.get(f"{ADD}?like={wide.pk}")
    initial = page.context["adminform"].form.initial
    assert initial["permissions"] == ["read", "write"]
    assert initial["further_workspaces"] == [globex.workspace]
    assert f"?like={wide.pk}" in text(staff, path_of(wide))


@pytest.mark.parametrize(
    ("state", "label"), [("active", "acme key"), ("expired", "old"), ("revoked", "gone")]
)
def test_the_list_marks_and_filters_by_state(staff: Client, acme: Tenant, state: str, label: str):
    create_api_key(workspace_id=acme.workspace.pk, label="gone", status="inactive")
    old, _ = create_api_key(workspace_id=acme.workspace.pk, label="old")
    ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    labels = {row.label for row in staff.get(KEYS, {"state": state}).context["cl"].result_list}
    assert labels & {"acme key", "old", "gone"} == {label}
    assert f'<td class="field-standing"><bdi>{state}</bdi>' in text(staff, KEYS, state=state)


def test_a_key_is_deleted_at_once(staff: Client, acme: Tenant, api: ApiClient):
    staff.post(f"{KEYS}{acme.api_key.pk}/delete/", {"post": "yes"})
    assert api.get("/api/v1/messages").status_code == 401


def test_further_workspaces_are_added_and_removed(acme: Tenant, globex: Tenant, wide: ApiKey):
    third = create_workspace(name="third")
    change_further_workspaces(
        workspace_id=acme.workspace.pk,
        api_key_id=wide.pk,
        added_ids=[third.pk],
        removed_ids=[globex.workspace.pk],
    )
    assert list(wide.further_workspaces.all()) == [third]


def test_the_form_shows_the_status_alone_until_the_key_expires(staff: Client, acme: Tenant):
    assert "field-state" not in text(staff, path_of(acme.api_key))
    ApiKey.objects.update(expires_at=timezone.now())
    assert '<div class="readonly">expired</div>' in text(staff, path_of(acme.api_key))


def test_without_scripts_the_form_says_what_it_cannot_do(staff: Client, acme: Tenant):
    for path in (
        ADD,
        "/admin/parley/membership/add/",
        f"/admin/parley/workspace/{acme.workspace.pk}/change/",
    ):
        assert re.search(r"<noscript>\s*<p[^>]*>Workspaces and users are searched for", text(staff, path))
    assert "<noscript>" not in text(staff, f"/admin/parley/message/{acme.question.pk}/change/")
