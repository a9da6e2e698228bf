"""The real file: 200 conversations of an agent, imported by the command, twice."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from messaging.models import Conversation, name_untitled
from messaging.reports import Period, activity_report
from tests.cast import Tenant
from tests.transfer import messages

ROOT = Path(__file__).resolve().parents[2]
FILE = (
    Path(os.environ.get("PARLEY_TEST_DATA") or ROOT.parent / "shared" / "data") / "agent-conversations.json"
)

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason=f"no {FILE.name}: set PARLEY_TEST_DATA to its folder"
)


def run(tenant: Tenant) -> str:
    out = StringIO()
    call_command("import_conversations", FILE, workspace=tenant.workspace.slug, stdout=out, verbosity=0)
    return out.getvalue()


def test_it_is_imported_whole_and_once(acme: Tenant, globex: Tenant):
    assert "Imported 5,308 messages in 200 new conversations" in run(acme)
    assert "0 messages in 0 new conversations, 5,308 messages in 200 known" in run(acme)
    conversations = Conversation.objects.for_workspace(acme.workspace.pk)
    assert conversations.count() == 201
    for conversation in conversations:
        rows = messages(conversation)
        assert conversation.message_count == conversation.last_seq == len(rows)
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert Conversation.objects.for_workspace(globex.workspace.pk).count() == 1


def test_its_failed_tools_count_and_its_conversations_have_names(acme: Tenant):
    run(acme)
    period = Period.of_days(2, until=timezone.localdate())
    report = activity_report(period=period, workspace_ids=[acme.workspace.pk])
    assert report.tool_errors == 73
    untitled = list(Conversation.objects.for_workspace(acme.workspace.pk).filter(title=None))
    name_untitled(untitled)
    assert len(untitled) == 200
    assert not [row.pk for row in untitled if str(row) == row.pk]
