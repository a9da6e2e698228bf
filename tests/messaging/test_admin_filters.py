"""Filters of the lists: each narrows as the wires do, keeps the others, and tells what is wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from messaging.admin.lists.workspace_filter import MANY_WORKSPACES
from messaging.models import Conversation, Message
from messaging.services import create_workspace
from tests.cast import Tenant, make_tenant
from tests.messaging.staff import client_of, make_member

MESSAGES, CONVERSATIONS = "/admin/parley/message/", "/admin/parley/conversation/"


@pytest.fixture
def staff(admin_client: Client, acme: Tenant) -> Client:
    return admin_client


def listed(client: Client, path: str, **given: str) -> set[str]:
    return {row.pk for row in client.get(path, given).context["cl"].result_list}


def change(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize(
    ("parameter", "value", "column", "stored"),
    [
        ("role", "tool", "role", "tool"),
        ("role", "critic", "role", "critic"),
        ("type", "image", "message_type", "image"),
        ("sender", "ada", "sender_id", "ada"),
        ("tag", "urgent", "tags", ["refund", "urgent"]),
        ("agent", "planner", "agent_id", "planner"),
        ("run", "run_1", "run_id", "run_1"),
    ],
)
def test_messages_are_narrowed_by_a_value(
    staff: Client, acme: Tenant, parameter: str, value: str, column: str, stored: Any
):
    change(acme.reply, **{column: stored})
    for more in ({}, {"workspace": acme.workspace.pk}):
        assert listed(staff, MESSAGES, **{parameter: value}, **more) == {acme.reply.pk}


def test_messages_are_narrowed_by_conversation_and_workspace(staff: Client, acme: Tenant, globex: Tenant):
    both = {acme.question.pk, acme.reply.pk}
    assert listed(staff, MESSAGES, conversation=acme.conversation.pk) == both
    for named in (acme.workspace.pk, acme.workspace.slug, acme.workspace.name):
        assert listed(staff, MESSAGES, workspace=named) == both
    assert listed(staff, MESSAGES, conversation=acme.conversation.pk, workspace=globex.workspace.pk) == set()


@pytest.mark.parametrize(
    ("parameter", "value", "column", "stored"),
    [
        ("status__exact", "archived", "status", "archived"),
        ("user", "ada", "user_id", "ada"),
        ("collection", "vip", "collections", ["vip"]),
        ("external_id", "crm/17", "external_id", "crm/17"),
    ],
)
def test_conversations_are_narrowed_by_a_value(
    staff: Client, acme: Tenant, parameter: str, value: str, column: str, stored: Any
):
    change(acme.conversation, **{column: stored})
    assert listed(staff, CONVERSATIONS, **{parameter: value}) == {acme.conversation.pk}


def test_a_range_of_dates_includes_both_of_its_days(staff: Client, acme: Tenant):
    day = datetime(2026, 3, 3, tzinfo=timezone.get_current_timezone())
    change(acme.question, created_at=day)
    change(acme.reply, created_at=day + timedelta(hours=23, minutes=59))
    both = {acme.question.pk, acme.reply.pk}
    assert listed(staff, MESSAGES, since="2026-03-03", until="2026-03-03") == both
    assert listed(staff, MESSAGES, until="2026-03-03") == both
    assert listed(staff, MESSAGES, until="2026-03-02") == set()
    assert not listed(staff, MESSAGES, since="2026-03-04") & both


def test_days_are_those_of_the_time_zone(staff: Client, acme: Tenant, settings: Any):
    settings.TIME_ZONE = "Asia/Kathmandu"
    change(acme.reply, created_at=datetime.fromisoformat("2026-03-02T18:30:00+00:00"))
    assert listed(staff, MESSAGES, until="2026-03-02") == set()
    assert listed(staff, MESSAGES, until="2026-03-03") == {acme.reply.pk}


def test_conversations_are_narrowed_by_their_latest_activity(staff: Client, acme: Tenant):
    Conversation.objects.update(updated_at=timezone.now() - timedelta(days=90))
    change(acme.conversation, updated_at=timezone.now())
    page = staff.get(CONVERSATIONS)
    week = (timezone.localdate() - timedelta(days=7)).isoformat()
    assert f"?since={week}" in page.content.decode()
    assert listed(staff, CONVERSATIONS, since=week) == {acme.conversation.pk}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"since": "yesterday"}, "From: Give a date as in 2026-11-21."),
        ({"until": "2026-02-30"}, "To: Give a date as in 2026-11-21."),
        ({"since": "2026-03-04", "until": "2026-03-03"}, "From: The day is after the one in To."),
        ({"since": "0001-01-01"}, "From: Give a date between 1900 and 9000."),
        ({"until": "9999-12-31"}, "To: Give a date between 1900 and 9000."),
        ({"sender": "x" * 256}, "Sender: Ensure this value has at most 255 characters"),
        ({"workspace": "nowhere"}, "No workspace that you may see is called “nowhere”."),
    ],
)
def test_a_wrong_value_is_told_and_lists_nothing(staff: Client, given: dict[str, str], told: str):
    page = staff.get(MESSAGES, given, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert [str(message).startswith(told) for message in page.context["messages"]] == [True]
    assert not page.context["cl"].result_list


def test_a_form_keeps_what_else_is_chosen(staff: Client, acme: Tenant):
    page = staff.get(MESSAGES, {"q": "open", "role": "user", "sender": "ada", "o": "-6", "p": "2"})
    [dates] = [form for form in page.content.decode().split("<form") if 'name="since"' in form]
    for name, value in {"q": "open", "role": "user", "sender": "ada", "o": "-6"}.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in dates
    assert 'name="p"' not in dates


def test_many_workspaces_are_typed_and_suggested(staff: Client, acme: Tenant):
    assert "filter_workspace" not in staff.get(MESSAGES).content.decode()
    for number in range(MANY_WORKSPACES):
        create_workspace(name=f"Branch {number}")
    page = staff.get(MESSAGES).content.decode()
    assert 'id="filter_workspace"' in page
    assert '<option value="branch-7">Branch 7</option>' in page
    assert listed(staff, MESSAGES, workspace="acme") == {acme.question.pk, acme.reply.pk}


def test_of_two_workspaces_of_one_name_the_slug_tells(staff: Client, acme: Tenant):
    twin = create_workspace(name="acme")
    assert listed(staff, MESSAGES, workspace="acme") == {acme.question.pk, acme.reply.pk}  # its slug
    assert listed(staff, MESSAGES, workspace=twin.slug) == set()


def test_a_workspace_of_others_is_as_one_that_is_not_there(acme: Tenant, globex: Tenant):
    member = client_of(make_member(acme.workspace, create_workspace(name="third")))
    for named in (globex.workspace.pk, globex.workspace.slug, globex.workspace.name):
        page = member.get(MESSAGES, {"workspace": named})
        assert not page.context["cl"].result_list
        assert "No workspace that you may see" in page.content.decode()
    assert "globex" not in member.get(MESSAGES).content.decode()


def test_a_member_of_one_workspace_is_asked_for_none(acme: Tenant):
    page = client_of(make_member(acme.workspace)).get(MESSAGES).content.decode()
    assert "By workspace" not in page


def test_foreign_values_narrow_to_nothing(acme: Tenant, globex: Tenant):
    member = client_of(make_member(acme.workspace))
    for row in Message.objects.all():
        change(row, tags=["urgent"], agent_id="planner")
    own = {acme.question.pk, acme.reply.pk}
    assert listed(member, MESSAGES, tag="urgent") == listed(member, MESSAGES, agent="planner") == own
    assert listed(member, MESSAGES, conversation=globex.conversation.pk) == set()


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_tag_is_found_in_workspaces_however_many_there_are(
    staff: Client, acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch, most: int
):
    """As many as are merged, and more; more than are offered."""
    tenants = [acme, globex, make_tenant("initech")]
    for tenant in tenants:
        change(tenant.reply, tags=["urgent"])
    monkeypatch.setattr("messaging.index.listing.MOST_MERGED", most)
    monkeypatch.setattr("messaging.admin.lists.workspace_filter.MOST_SUGGESTED", 2)
    assert listed(staff, MESSAGES, tag="urgent") == {tenant.reply.pk for tenant in tenants}
    for tenant in tenants:
        assert listed(staff, MESSAGES, tag="urgent", workspace=tenant.workspace.pk) == {tenant.reply.pk}
