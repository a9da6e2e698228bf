"""manage.py issue_key"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from messaging.models import ApiKey, Workspace
from tests.cast import Tenant
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


def issue_key(**options: str) -> str:
    """The last line that the command prints."""
    output = StringIO()
    call_command("issue_key", stdout=output, stderr=StringIO(), **options)
    return output.getvalue().splitlines()[-1]


def test_the_last_line_is_a_key_that_works():
    secret = issue_key(workspace="support")
    session = ApiClient(secret).get("/api/v1/auth/session").json()
    assert session["workspace"]["slug"] == "support"
    assert session["permissions"] == ["read", "write"]


def test_a_workspace_that_exists_is_used(acme: Tenant):
    issue_key(workspace=acme.workspace.slug)
    assert Workspace.objects.filter(slug=acme.workspace.slug).count() == 1
    assert ApiKey.objects.for_workspace(acme.workspace.pk).count() == 2


def test_permissions_are_those_asked_for():
    issue_key(workspace="support", permissions="read, admin")
    assert ApiKey.objects.get().permissions == ["admin", "read"]


def test_an_unknown_permission_is_named_and_nothing_is_made():
    with pytest.raises(CommandError, match="'?fly'? is none of read, write, agent, admin"):
        issue_key(workspace="support", permissions="read,fly")
    assert not Workspace.objects.exists()
