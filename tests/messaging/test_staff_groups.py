"""manage.py create_staff_groups: who reads, and who corrects."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client

from tests.cast import Tenant
from tests.messaging.staff import client_of, make_member

pytestmark = pytest.mark.django_db

CORRECTIONS = {
    "change_conversation",
    "change_message",
    "redact_message",
    "export_message",
    "change_memory",
    "redraw_memory",
}


def run() -> str:
    output = StringIO()
    call_command("create_staff_groups", stdout=output)
    return output.getvalue()


def held(group: str) -> set[str]:
    return set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))


def test_readers_view_everything_and_do_nothing():
    run()
    assert {"view_message", "view_conversation", "view_run", "view_part"} <= held("Parley readers")
    assert all(name.startswith("view_") for name in held("Parley readers"))


def test_editors_correct_redact_and_export_what_readers_view():
    run()
    assert held("Parley editors") == held("Parley readers") | CORRECTIONS


def test_a_second_time_it_makes_nothing_and_takes_nothing_away():
    assert "Made Parley readers: view_" in run()
    group = Group.objects.get(name="Parley editors")
    group.permissions.clear()
    second = run()
    assert "Found Parley readers: nothing new." in second
    assert "Found Parley editors: view_" in second
    assert held("Parley editors") >= CORRECTIONS
    assert Group.objects.count() == 2


@pytest.fixture
def reader(acme: Tenant) -> Client:
    run()
    user = make_member(acme.workspace, permissions=())
    user.groups.add(Group.objects.get(name="Parley readers"))
    return client_of(get_user_model().objects.get(pk=user.pk))


@pytest.mark.parametrize("model", ["message", "conversation", "workspace", "apikey", "membership"])
def test_a_reader_opens_every_list_and_adds_nothing(reader: Client, model: str):
    assert reader.get(f"/admin/parley/{model}/").status_code == 200
    assert reader.get(f"/admin/parley/{model}/add/").status_code == 403
    assert reader.post(f"/admin/parley/{model}/add/").status_code == 403
