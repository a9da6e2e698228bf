"""Webhooks in the admin: secrets shown once, what is wrong told, and all that the API can do."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from messaging.admin.webhooks.webhooks import WebhookAdmin
from messaging.changes import current_position
from messaging.models import Webhook, WebhookDelivery, Workspace
from messaging.services import create_webhook
from messaging.values.signatures import secret_of
from tests.cast import Tenant
from tests.messaging.staff import client_of, make_member

pytestmark = pytest.mark.usefixtures("in_english")

WEBHOOKS = "/admin/parley/webhook/"
DASHBOARD = "/admin/parley/workspace/dashboard/"
DELIVERIES = "/admin/parley/webhookdelivery/"
URL = "https://127.0.0.1/hook"


@pytest.fixture
def staff(admin_client: Client, acme: Tenant) -> Client:
    return admin_client


@pytest.fixture
def hook(acme: Tenant) -> Webhook:
    return create_webhook(workspace_id=acme.workspace.pk, url=URL, types=["messages.created"])[0]


def fields(workspace: Workspace, **more: Any) -> dict[str, Any]:
    return {"url": URL, "workspace": workspace.pk, "types": ["messages.created"], **more}


def page(hook: Webhook, name: str = "change") -> str:
    return f"{WEBHOOKS}{hook.pk}/{name}/"


def secret_in(response: Any) -> str:
    [secret] = re.findall(r'id="parley-secret"[^>]*>(whsec_[^<]+)<', response.content.decode())
    return str(secret)


def text(client: Client, path: str, **given: Any) -> str:
    return client.get(path, given).content.decode()


def test_the_answer_that_makes_one_shows_its_secret_and_is_not_stored(staff: Client, acme: Tenant):
    response = staff.post(f"{WEBHOOKS}add/", fields(acme.workspace))
    made = Webhook.objects.get(workspace=acme.workspace)
    assert secret_in(response) == secret_of(made.secrets[0])
    assert "no-store" in response["Cache-Control"]
    assert (made.url, made.types, made.created_by) == (URL, ["messages.created"], "admin")
    for path in (WEBHOOKS, page(made), page(made, "history"), "/admin/"):
        assert "whsec_" not in text(staff, path)


def test_a_form_that_is_sent_again_makes_no_second_webhook(
    staff: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    [promise] = re.findall(r'name="promise" value="([^"]*)"', text(staff, f"{WEBHOOKS}add/"))
    form = fields(acme.workspace, promise=promise)
    secret = secret_in(staff.post(f"{WEBHOOKS}add/", form))
    made = Webhook.objects.get(workspace=acme.workspace)
    again = staff.post(f"{WEBHOOKS}add/", form).content.decode()
    assert "This form has already made the webhook" in again
    assert page(made) in again
    assert secret not in again
    monkeypatch.setattr(WebhookAdmin, "_made", lambda *args: None)  # the other was not stored yet
    assert "This webhook is made already" in staff.post(f"{WEBHOOKS}add/", form).content.decode()
    assert Webhook.objects.get(workspace=acme.workspace).secrets == made.secrets


def test_the_promise_of_a_key_is_none_of_a_webhook(staff: Client, acme: Tenant):
    [promise] = re.findall(r'name="promise" value="([^"]*)"', text(staff, "/admin/parley/apikey/add/"))
    staff.post(f"{WEBHOOKS}add/", fields(acme.workspace, promise=promise))
    assert Webhook.objects.get(workspace=acme.workspace).pk.startswith("whk_")


def test_a_url_that_is_not_sent_to_is_an_error_of_its_field(staff: Client, acme: Tenant):
    response = staff.post(f"{WEBHOOKS}add/", fields(acme.workspace, url="https://10.0.0.1/"))
    assert "not at a public address" in response.content.decode()
    assert not Webhook.objects.filter(workspace=acme.workspace).exists()


def test_a_form_changes_what_was_changed(staff: Client, acme: Tenant, hook: Webhook):
    given = {"url": f"{URL}/2", "state": "paused", "conversation_id": acme.conversation.pk, "types": []}
    assert staff.post(page(hook), given).status_code == 302
    hook.refresh_from_db()
    assert (hook.url, hook.state, hook.types) == (f"{URL}/2", "paused", [])
    assert hook.conversation_id == acme.conversation.pk


def test_a_foreign_conversation_is_refused(staff: Client, globex: Tenant, hook: Webhook):
    given = {"url": URL, "state": "active", "conversation_id": globex.conversation.pk}
    assert "Conversation not found" in staff.post(page(hook), given).content.decode()


def test_a_rotation_shows_the_new_secret_once(staff: Client, hook: Webhook):
    former = secret_of(hook.secrets[0])
    assert former not in text(staff, page(hook, "rotate"))
    response = staff.post(page(hook, "rotate"), {"hours": 1})
    hook.refresh_from_db()
    assert [secret_of(one) for one in hook.secrets] == [secret_in(response), former]
    assert "no-store" in response["Cache-Control"]
    assert "signs as well until" in text(staff, page(hook))


@pytest.mark.parametrize(("hours", "shown"), [(1, "signs as well until Jan. "), (0, "-")])
def test_a_former_secret_is_shown_while_it_signs(hook: Webhook, monkeypatch: Any, hours: int, shown: str):
    now = datetime(2027, 1, 15, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    hook.secrets.append({**hook.secrets[0], "until": (now + timedelta(hours=hours)).isoformat()})
    assert WebhookAdmin(Webhook, admin.site).former_secret(hook).startswith(shown)


def test_a_ping_waits_for_a_worker(staff: Client, hook: Webhook):
    assert "Yes" not in text(staff, page(hook, "ping"))
    assert staff.post(page(hook, "ping")).status_code == 302
    hook.refresh_from_db()
    assert hook.ping_id


def test_a_replay_goes_back(staff: Client, hook: Webhook):
    begun, present = str(hook.position), current_position()
    staff.post(page(hook, "replay"), {"after": present})
    staff.post(page(hook, "replay"), {"after": begun})
    hook.refresh_from_db()
    assert str(hook.position) == begun
    assert "no position" in staff.post(page(hook, "replay"), {"after": "x"}, follow=True).content.decode()


@pytest.mark.parametrize(("action", "state"), [("pause", "paused"), ("resume", "active")])
def test_many_are_paused_and_resumed(staff: Client, hook: Webhook, action: str, state: str):
    Webhook.objects.filter(pk=hook.pk).update(state="disabled", state_reason="gone", failures=3)
    staff.post(WEBHOOKS, {"action": action, "_selected_action": hook.pk, "post": "yes", "ids": hook.pk})
    hook.refresh_from_db()
    assert (hook.state, hook.state_reason, hook.failures) == (state, "", 0)


def test_the_list_marks_what_is_disabled_or_fails(staff: Client, hook: Webhook):
    Webhook.objects.filter(pk=hook.pk).update(failures=3)
    assert "3 attempts in a row have failed" in text(staff, WEBHOOKS)
    Webhook.objects.filter(pk=hook.pk).update(state="disabled", state_reason="The endpoint answered 410")
    assert "The endpoint answered 410" in text(staff, WEBHOOKS)
    assert "1 webhook is disabled" in text(staff, DASHBOARD)


def test_the_first_page_says_nothing_of_webhooks_that_work(staff: Client, hook: Webhook):
    assert "disabled" not in text(staff, DASHBOARD)


def test_deliveries_are_listed_by_webhook(staff: Client, acme: Tenant, hook: Webhook):
    other, _ = create_webhook(workspace_id=acme.workspace.pk, url=URL)
    for webhook, answer in ((hook, "<b>oh</b>"), (other, "else")):
        made = WebhookDelivery.objects.create(
            workspace_id=acme.workspace.pk,
            webhook=webhook,
            event_id="chg_1",
            type="messages.created",
            attempt=2,
            status=500,
            answer=answer,
            error="The endpoint answered 500",
            milliseconds=12,
        )
        assert answer.replace("<", "&lt;").replace(">", "&gt;") in text(
            staff, f"{DELIVERIES}{made.pk}/change/"
        )
    assert f"{DELIVERIES}?q={hook.pk}" in text(staff, page(hook))
    listed = text(staff, DELIVERIES, q=hook.pk)
    assert hook.pk in listed
    assert other.pk not in listed
    assert "The endpoint answered 500" in listed


def test_a_deletion_takes_the_deliveries_along(staff: Client, hook: Webhook):
    assert staff.post(page(hook, "delete"), {"post": "yes"}).status_code == 302
    assert not Webhook.objects.filter(pk=hook.pk).exists()


@pytest.mark.parametrize("name", ["rotate", "ping", "replay"])
def test_who_may_not_change_them_is_refused(acme: Tenant, hook: Webhook, name: str):
    viewer = client_of(make_member(acme.workspace, permissions=("view_webhook",)))
    assert viewer.get(page(hook)).status_code == 200
    assert viewer.post(page(hook, name), {"hours": 1}).status_code == 403
    assert page(hook, name) not in text(viewer, page(hook))


def test_who_is_no_member_sees_none(globex: Tenant, hook: Webhook):
    stranger = client_of(make_member(globex.workspace))
    assert hook.pk not in text(stranger, WEBHOOKS)
    for name in ("change", "rotate", "ping", "replay"):
        assert stranger.get(page(hook, name)).status_code == 302


def test_the_log_names_what_was_done_and_no_secret(staff: Client, hook: Webhook):
    secret = secret_in(staff.post(page(hook, "rotate"), {"hours": 0}))
    staff.post(page(hook, "ping"))
    logged = list(LogEntry.objects.values_list("change_message", flat=True))
    assert set(logged) == {"Secret rotated.", "Pinged."}
    assert secret not in str(logged)


def test_nobody_sends_elsewhere_what_they_may_not_read(acme: Tenant, hook: Webhook):
    held = ("view_webhook", "change_webhook", "add_webhook", "view_workspace")
    blind = client_of(make_member(acme.workspace, permissions=held))
    assert 'name="include"' not in text(blind, f"{WEBHOOKS}add/")
    assert 'name="url"' in text(blind, page(hook))
    Webhook.objects.filter(pk=hook.pk).update(include="messages")
    blind.post(page(hook), {"url": f"{URL}/2", "state": "paused"})
    hook.refresh_from_db()
    assert (hook.url, hook.state) == (URL, "paused")
