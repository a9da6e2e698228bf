"""The upkeep of the store: in a schedule, and as plain functions of anybody's own scheduler."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from messaging.conf import object_storage
from messaging.jobs import PLAIN, Context, registry, upkeep
from messaging.jobs.queue import ensure_schedule
from messaging.models import IdempotencyRecord, Job, Message, RateWindow, Run
from messaging.services import MessageDraft, Writer, append_messages, create_run
from messaging.services.files import REMOVAL
from messaging.services.memories.cursors import DRAW, TEND
from tests.cast import Tenant

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=30)
OF_THE_STORE = dict(registry.kinds())
ON_POSTGRESQL = connection.vendor == "postgresql"


def test_everything_is_in_the_schedule(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "_kinds", OF_THE_STORE)
    ensure_schedule()
    scheduled = set(Job.objects.values_list("schedule_key", flat=True))
    rows = [kind for kind in OF_THE_STORE.values() if kind.every]
    everywhere = {kind.name for kind in rows if connection.vendor in kind.vendors}
    assert scheduled == everywhere >= {"remove_expired_answers", "end_stale_runs", "remove_orphaned_objects"}
    assert ("merge_pending_entries" in scheduled) is ON_POSTGRESQL


# The others are told what to work on.
@pytest.mark.parametrize("name", sorted(OF_THE_STORE.keys() - {REMOVAL, DRAW, TEND}))
def test_each_is_a_plain_function_that_needs_no_worker(name: str):
    assert OF_THE_STORE[name].run() is not None


def test_a_context_that_nobody_gave_is_silent():
    PLAIN.progress(1, 2, "x")
    assert PLAIN.should_stop() is False


def test_expired_answers_go(acme: Tenant):
    for key, age in (("old", LONG_AGO), ("new", timedelta())):
        IdempotencyRecord.objects.create(
            workspace=acme.workspace, key=key, fingerprint="x", created_at=timezone.now() - age
        )
    assert upkeep.remove_expired_answers() == {"removed": 1}
    assert IdempotencyRecord.objects.get().key == "new"


def test_closed_windows_go():
    RateWindow.objects.create(identity="old", started_at=timezone.now() - LONG_AGO, count=1)
    assert upkeep.remove_expired_windows() == {"removed": 1}


def test_stale_runs_end(acme: Tenant):
    run = create_run(workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="agent")
    Run.objects.filter(pk=run.pk).update(expires_at=timezone.now() - LONG_AGO)
    assert upkeep.end_stale_runs() == {"failed": 1}


def test_orphaned_files_go_until_the_job_is_told_to_stop(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upkeep, "ORPHANED_AFTER", -timedelta(days=1))
    upkeep.remove_orphaned_objects()  # those of other tests, since the storage is of the process
    for name in ("one", "two"):
        object_storage().save(f"parley/wsp_gone/{name}", ContentFile(b"x"))

    class Stopped(Context):
        def should_stop(self) -> bool:
            return True

    assert upkeep.remove_orphaned_objects(Stopped()) == {"removed": 0}
    assert upkeep.remove_orphaned_objects() == {"removed": 2}
    assert upkeep.remove_orphaned_objects() == {"removed": 0}


def test_removing_stops_between_two_batches():
    removed: list[int] = []

    class Impatient(Context):
        def should_stop(self) -> bool:
            return len(removed) == 2

    def remove_batch() -> int:
        removed.append(1)
        return 500

    assert upkeep._remove(remove_batch, Impatient()) == {"removed": 1000}


@pytest.mark.skipif(not ON_POSTGRESQL, reason="of PostgreSQL alone")
class TestPendingEntries:
    def test_they_are_merged_and_searches_are_exact_before_and_after(self, acme: Tenant):
        drafts = [
            MessageDraft(content=f"unheard of, number {number}", sender_id="ada") for number in range(300)
        ]
        append_messages(
            workspace_id=acme.workspace.pk,
            conversation_id=acme.conversation.pk,
            writer=Writer(),
            drafts=drafts,
        )
        matching = Message.objects.for_workspace(acme.workspace.pk).search("unheard of")
        assert matching.count() == 300
        assert upkeep.merge_pending_entries() in (True, False)
        assert not upkeep.merge_pending_entries()
        assert matching.count() == 300

    def test_who_does_not_own_the_indexes_leaves_them_alone(self, acme: Tenant):
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE parley_stranger; SET LOCAL ROLE parley_stranger")
            assert not upkeep.merge_pending_entries()
            cursor.execute("RESET ROLE; DROP ROLE parley_stranger")

    def test_the_list_may_grow_so_far_without_a_worker(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'parley_message_terms'")
            assert cursor.fetchone() == (["gin_pending_list_limit=65536"],)
