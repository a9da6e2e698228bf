"""Workspaces in the admin: their figures, and who is a member."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from messaging.models import Membership, Workspace
from messaging.services import create_workspace
from tests.cast import Tenant
from tests.messaging.staff import NO_MEMBERS, client_of, make_member

pytestmark = pytest.mark.usefixtures("in_english")

WORKSPACES, MEMBERSHIPS = "/admin/parley/workspace/", "/admin/parley/membership/"
FIELDS = {"name": "acme", "slug": "acme", "meta_data": "{}"}


@pytest.fixture
def staff(admin_client: Client, acme: Tenant) -> Client:
    return admin_client


def page_of(workspace: Workspace) -> str:
    return f"{WORKSPACES}{workspace.pk}/change/"


def test_the_list_and_the_page_show_the_figures(staff: Client, acme: Tenant):
    make_member(acme.workspace)
    create_workspace(name="empty")
    rows = {row.name: row for row in staff.get(WORKSPACES).context["cl"].result_list}
    figures = ("conversation_total", "message_total", "active_keys", "members")
    assert [getattr(rows["acme"], name) for name in figures] == [1, 2, 1, 1]
    assert [getattr(rows["empty"], name) for name in figures] == [0, 0, 0, 0]
    acme.conversation.refresh_from_db()
    assert rows["acme"].last_activity == acme.conversation.updated_at
    page = staff.get(page_of(acme.workspace)).content.decode()
    assert "Active keys" in page
    assert "Last activity" in page


def test_a_member_sees_the_page_of_that_workspace_alone(acme: Tenant, globex: Tenant):
    member = client_of(make_member(acme.workspace))
    assert member.get(page_of(acme.workspace)).status_code == 200
    assert "doesn’t exist" in member.get(page_of(globex.workspace), follow=True).content.decode()


def added(user_id: int) -> dict[str, str]:
    return NO_MEMBERS | {"memberships-TOTAL_FORMS": "1", "memberships-0-user": str(user_id)}


def test_members_are_given_on_the_page_of_a_workspace(staff: Client, acme: Tenant):
    new = make_member(name="new")
    staff.post(page_of(acme.workspace), FIELDS | added(new.pk))
    assert Membership.objects.get().user_id == new.pk


def test_members_are_taken_there_by_who_may_not_change_them(staff: Client, acme: Tenant):
    membership = Membership.objects.get(user=make_member(acme.workspace))
    rows = NO_MEMBERS | {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1"}
    rows |= {"memberships-0-id": str(membership.pk), "memberships-0-DELETE": "on"}
    rows |= {"memberships-0-workspace": acme.workspace.pk}
    staff.post(page_of(acme.workspace), FIELDS | rows)
    assert not Membership.objects.exists()


def test_without_the_permissions_of_memberships_none_are_shown_or_given(acme: Tenant):
    held = ("view_workspace", "change_workspace")
    person = client_of(make_member(acme.workspace, permissions=held))
    assert "memberships-0" not in person.get(page_of(acme.workspace)).content.decode()
    person.post(page_of(acme.workspace), FIELDS | added(make_member(name="new").pk))
    assert Membership.objects.count() == 1


def test_a_member_grants_no_workspace_that_they_do_not_see(acme: Tenant, globex: Tenant):
    user = make_member(acme.workspace)
    form = {"user": str(user.pk), "workspace": globex.workspace.pk}
    page = client_of(user).post(f"{MEMBERSHIPS}add/", form).content.decode()
    assert "not one of the available choices" in page
    assert Membership.objects.count() == 1


def test_a_membership_is_not_changed_into_another(staff: Client, acme: Tenant, globex: Tenant):
    membership = Membership.objects.get(user=make_member(acme.workspace))
    path = f"{MEMBERSHIPS}{membership.pk}/change/"
    assert staff.get(path).status_code == 200
    assert staff.post(path, {"workspace": globex.workspace.pk}).status_code == 403


def test_who_makes_a_workspace_sees_it(acme: Tenant):
    user = make_member(acme.workspace)
    form = {"name": "new", "slug": "new", "meta_data": "{}"} | NO_MEMBERS
    client_of(user).post(f"{WORKSPACES}add/", form)
    assert Membership.objects.filter(user=user, workspace__slug="new").exists()
    everybody = get_user_model().objects.create_superuser("root", email="r@example.com", password="secret")
    client_of(everybody).post(
        f"{WORKSPACES}add/", {"name": "two", "slug": "two", "meta_data": "{}"} | NO_MEMBERS
    )
    assert not Membership.objects.filter(user=everybody).exists()


def test_what_is_no_key_of_a_user_or_a_membership_is_refused(staff: Client, acme: Tenant):
    page = staff.post(page_of(acme.workspace), FIELDS | added(0) | {"memberships-0-user": "nobody"})
    assert "errorlist" in page.content.decode()
    assert not Membership.objects.exists()
    chosen = {"action": "delete_selected", "_selected_action": ["nothing"]}
    assert staff.post(MEMBERSHIPS, chosen).status_code == 400
