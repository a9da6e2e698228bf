"""What staff write in the admin is theirs: every change names the person."""

from typing import Any

import pytest
from django.test import Client

from messaging.models import Change
from tests.cast import Tenant
from tests.messaging.test_admin_bulk import chosen

pytestmark = pytest.mark.django_db


def since(tenant: Tenant, number: int) -> list[Change]:
    return list(Change.objects.for_workspace(tenant.workspace.pk).filter(pk__gt=number).order_by("pk"))


@pytest.fixture
def latest(acme: Tenant) -> int:
    return int(Change.objects.for_workspace(acme.workspace.pk).latest("pk").pk)


def test_an_action_on_many_rows(admin_client: Client, admin_user: Any, acme: Tenant, latest: int):
    ids = [message.pk for message in acme.messages]
    admin_client.post("/admin/parley/message/", chosen("tag", *ids, tags="new"))
    [change] = since(acme, latest)
    assert (change.kind, change.count) == ("messages.updated", 2)
    assert (change.actor_kind, change.actor_id) == ("staff", str(admin_user.pk))


def test_a_page_of_a_row(admin_client: Client, admin_user: Any, acme: Tenant, latest: int):
    path = f"/admin/parley/conversation/{acme.conversation.pk}/delete/"
    admin_client.post(path, {"post": "yes"})
    changes = since(acme, latest)
    assert [change.kind for change in changes] == ["conversation.deleted"]
    assert {change.actor_id for change in changes} == {str(admin_user.pk)}
