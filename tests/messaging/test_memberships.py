"""Staff see the workspaces that they are members of."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from messaging.models import Membership
from tests.cast import Tenant

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def member(acme: Tenant, client: Client) -> Client:
    """A member of acme with every permission but that of entering every workspace."""
    user = get_user_model().objects.create_superuser("member", email="m@example.com", password="secret")
    user.is_superuser = False
    user.save()
    user.user_permissions.set(Permission.objects.exclude(codename="access_all_workspaces"))
    Membership.objects.create(user=user, workspace=acme.workspace)
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", ["workspace", "apikey", "conversation", "message"])
def test_lists_show_only_rows_of_those_workspaces(member: Client, model: str):
    page = member.get(f"/admin/parley/{model}/").content.decode()
    assert "acme" in page
    assert "globex" not in page


def test_a_row_of_another_workspace_is_not_there(member: Client, globex: Tenant):
    path = f"/admin/parley/message/{globex.question.pk}/change/"
    assert "doesn’t exist" in member.get(path, follow=True).content.decode()


def test_a_form_takes_no_other_workspace(member: Client, globex: Tenant):
    fields = {"label": "new", "workspace": globex.workspace.pk, "permissions": ["read"], "status": "active"}
    page = member.post("/admin/parley/apikey/add/", fields)
    assert "not one of the available choices" in page.content.decode()


def test_without_a_membership_nothing_is_there(member: Client, acme: Tenant):
    Membership.objects.all().delete()
    assert acme.question.pk not in member.get("/admin/parley/message/").content.decode()
