"""manage.py prepare: what `make run` does before it serves."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.utils import timezone

from config.demo import DAYS
from messaging.models import ApiKey, Conversation, Message, Part, Run, Workspace
from messaging.values.choices import RunStatus
from tests.client import ApiClient

pytestmark = pytest.mark.django_db


def prepare() -> str:
    output = StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


def test_the_printed_key_reads_the_demo_conversations():
    secret = re.findall(r"parley_\w+", prepare())[0]
    page = ApiClient(secret).get("/api/v1/conversations").json()
    assert page["total_count"] == Conversation.objects.count() > DAYS


def test_the_demo_shows_an_agent_at_work_and_a_picture():
    prepare()
    run = Run.objects.get()
    assert run.status == RunStatus.COMPLETED
    kinds = set(Part.objects.values_list("type", flat=True))
    assert {"reasoning", "tool-call", "tool-result", "tool-error"} <= kinds
    assert Message.objects.filter(attachments__0__url__startswith="data:image/png").exists()


def test_the_demo_is_spread_over_four_weeks_none_of_it_in_the_future():
    prepare()
    days = Message.objects.values_list("sent_at", flat=True)
    assert timedelta(days=DAYS - 1) < timezone.now() - min(days) < timedelta(days=DAYS + 1)
    assert max(days) <= timezone.now()


def test_the_printed_password_opens_the_admin():
    password = re.findall(r"password (\S+)", prepare())[0]
    user = authenticate(username="admin", password=password)
    assert user is not None
    assert user.is_superuser


def test_a_second_start_makes_nothing_and_prints_no_key():
    prepare()
    assert "parley_" not in prepare().replace("parley_tests", "")
    assert Workspace.objects.count() == ApiKey.objects.count() == 1


def test_tables_of_an_older_build_stop_it():
    with connection.cursor() as cursor:
        for name in ("apikey", "conversation", "message"):
            cursor.execute(f"CREATE TABLE messaging_{name} (id text)")
    with pytest.raises(SystemCheckError, match="messaging.E008"):
        prepare()


def test_a_database_in_use_gets_no_demo(acme: object):
    prepare()
    assert not Workspace.objects.filter(slug="demo").exists()
