"""Changes are removed by their age, and readers told whose position is too old or of another epoch."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from messaging.changes import Position, current_position, read_changes
from messaging.exceptions import ResyncNeeded
from messaging.models import Change
from messaging.models.epoch import EPOCH_TABLE
from messaging.services import remove_old_changes
from tests.cast import Tenant
from tests.changes.test_record import append

pytestmark = pytest.mark.django_db(transaction=True)


def age(*changes: Change, days: int = 8) -> None:
    for change in changes:
        Change.objects.for_workspace(change.workspace_id).filter(pk=change.pk).update(
            created_at=change.created_at - timedelta(days=days)
        )


def stored(tenant: Tenant) -> list[Change]:
    return read_changes(workspace_id=tenant.workspace.pk).changes


def test_old_changes_go_and_the_others_stay(acme: Tenant):
    append(acme, "a")
    before = stored(acme)
    age(*before[:2])
    age(*before[2:], days=6)
    assert remove_old_changes() == 2
    assert remove_old_changes() == 0
    assert stored(acme) == before[2:]


def test_the_setting_says_how_old(acme: Tenant, settings):
    settings.PARLEY = {"CHANGES_KEPT_DAYS": 2}
    age(*stored(acme), days=3)
    assert remove_old_changes() == 3


def test_at_most_a_batch_at_a_time(acme: Tenant):
    age(*stored(acme))
    assert [remove_old_changes(limit=2), remove_old_changes(limit=2)] == [2, 1]


def test_a_position_before_what_was_removed_needs_a_resync(acme: Tenant):
    before = stored(acme)
    age(*before[:2])
    remove_old_changes()
    with pytest.raises(ResyncNeeded, match="age") as error:
        read_changes(workspace_id=acme.workspace.pk, after=str(before[0].position))
    append(acme, "a")
    follow = read_changes(workspace_id=acme.workspace.pk, after=error.value.position)
    assert [change.kind for change in follow.changes] == ["messages.created"]


def test_a_position_at_the_last_removed_change_is_still_good(acme: Tenant):
    """Behind it nothing was removed."""
    before = stored(acme)
    age(*before[:2])
    remove_old_changes()
    page = read_changes(workspace_id=acme.workspace.pk, after=str(before[1].position))
    assert page.changes == before[2:]


def test_a_reader_that_keeps_asking_never_grows_too_old(acme: Tenant, globex: Tenant):
    """Its workspace may be silent for as long as it likes."""
    end = read_changes(workspace_id=acme.workspace.pk).next_position
    append(globex, "a")
    end = read_changes(workspace_id=acme.workspace.pk, after=end).next_position
    age(*stored(globex))
    assert remove_old_changes() > 0
    assert read_changes(workspace_id=acme.workspace.pk, after=end).changes == []


def test_a_new_epoch_is_begun_by_hand(acme: Tenant):
    position, output = current_position(), StringIO()
    call_command("begin_epoch", stdout=output)
    assert output.getvalue().startswith("Forgot ")
    with pytest.raises(ResyncNeeded, match="another store"):
        read_changes(workspace_id=acme.workspace.pk, after=position)
    assert stored(acme) == []
    append(acme, "a")
    assert len(stored(acme)) == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no clusters")
def test_another_cluster_is_another_epoch(acme: Tenant, monkeypatch):
    """As after a dump was restored into another server: readers notice at once, a removal clears up."""
    from messaging.models import epoch

    remove_old_changes()  # notes the cluster
    position = current_position()
    monkeypatch.setattr(epoch, "_identity", lambda using: "7000000000000000000")
    connection.close()
    with pytest.raises(ResyncNeeded, match="another store"):
        read_changes(workspace_id=acme.workspace.pk, after=position)
    assert remove_old_changes() > 0
    assert stored(acme) == []
    assert remove_old_changes() == 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no clusters")
def test_the_identity_is_that_of_the_cluster(db: None):
    from messaging.models.epoch import identity_of

    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        assert cursor.fetchone() == (identity_of("default"),)


def test_there_is_one_epoch(db: None):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*), MAX(LENGTH(epoch)) FROM {EPOCH_TABLE}")
        assert cursor.fetchone() == (1, 12)
    assert len(Position.of(current_position()).epoch) == 12
