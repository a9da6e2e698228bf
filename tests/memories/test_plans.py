"""The worker that draws memories reads the few changes that ask for them, however many others there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging.changes.reading import read_changes_for_memories
from messaging.models import Change
from messaging.values.choices import ChangeKind
from tests.cast import Tenant

from .conftest import Say

INDEX = "parley_change_memories"
OTHERS = 20_000


@pytest.fixture
def many_changes(acme: Tenant, say: Say) -> None:
    """One change that asks for memories, after many that do not."""
    now = timezone.now()
    Change.objects.bulk_create(
        [
            Change(workspace_id=acme.workspace.pk, kind=ChangeKind.CONVERSATION_UPDATED, created_at=now)
            for _ in range(OTHERS)
        ],
        batch_size=1_000,
    )
    say("I live in Turin.")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parley_change")


def test_an_index_has_them_alone(many_changes: None):
    with CaptureQueriesContext(connection) as queries:
        page = read_changes_for_memories(after=None)
    assert [change.kind for change in page.changes] == [ChangeKind.MESSAGES_CREATED]
    [sql] = [each["sql"] for each in queries if "WITH scanned" in each["sql"]]
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql.replace('%', '%%')}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert INDEX in plan
    assert "Seq Scan on parley_change " not in plan and "SCAN parley_change " not in plan
