"""manage.py prepare: what `make run` does before it serves."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from messaging.models import ApiKey, Conversation, Workspace
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


def prepare() -> str:
    output = StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


def test_the_printed_key_reads_the_demo_conversations():
    secret = re.findall(r"parley_\w+", prepare())[0]
    page = ApiClient(secret).get("/api/v1/conversations").json()
    assert page["total_count"] == Conversation.objects.count() == 3


def test_the_printed_password_opens_the_admin():
    password = re.findall(r"password (\S+)", prepare())[0]
    user = authenticate(username="admin", password=password)
    assert user is not None
    assert user.is_superuser


def test_a_second_start_makes_nothing_and_prints_no_key():
    prepare()
    assert "parley_" not in prepare().replace("parley_tests", "")
    assert Workspace.objects.count() == ApiKey.objects.count() == 1


def test_a_database_in_use_gets_no_demo(acme: object):
    prepare()
    assert not Workspace.objects.filter(slug="demo").exists()
