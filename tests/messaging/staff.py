"""People of the staff, as tests need them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from messaging.models import Membership, Workspace

NO_MEMBERS = {
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
    "memberships-MIN_NUM_FORMS": "0",
    "memberships-MAX_NUM_FORMS": "1000",
}
"""What the form of a workspace sends of members where none is added."""


def make_member(
    *workspaces: Workspace, permissions: tuple[str, ...] | None = None, name: str = "member"
) -> Any:
    """A member of these workspaces; with these permissions, or all but that of entering every workspace."""
    user = get_user_model().objects.create_superuser(name, email=f"{name}@example.com", password="secret")
    user.is_superuser = False
    user.save()
    held = Permission.objects.exclude(codename="access_all_workspaces")
    user.user_permissions.set(held if permissions is None else held.filter(codename__in=permissions))
    for workspace in workspaces:
        Membership.objects.create(user=user, workspace=workspace)
    return user


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client
