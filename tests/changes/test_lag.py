"""A forgotten transaction holds the readers of PostgreSQL back, and the lag says for how long and who."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from messaging.changes import changes_lag, current_position, read_changes
from messaging.models import Change
from tests.cast import Tenant
from tests.changes.test_record import append

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="nothing holds SQLite")


@pytest.fixture(params=["ours", "postgres"])
def forgotten(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A transaction that somebody left open, in our database or in another one of the cluster."""
    connection.ensure_connection()
    parameters = connection.get_connection_params()
    name = parameters["dbname"] if request.param == "ours" else request.param
    wanted = {key: parameters[key] for key in ("host", "port", "user", "password") if key in parameters}
    with psycopg.connect(dbname=name, application_name="forgotten", **wanted) as other:
        other.execute("SELECT pg_current_xact_id()")
        yield other


def test_without_one_there_is_no_lag(acme: Tenant):
    append(acme, "a")
    lag = changes_lag()
    assert (lag.seconds, lag.holder) == (0.0, None)


@on_postgresql
def test_it_holds_every_reader_and_is_named(acme: Tenant, forgotten: psycopg.Connection):
    start = current_position()
    append(acme, "a")
    assert read_changes(workspace_id=acme.workspace.pk, after=start).changes == []
    lag = changes_lag()
    assert lag.seconds > 0
    assert lag.holder is not None
    assert lag.holder.pid == forgotten.info.backend_pid
    assert (lag.holder.application, lag.holder.state) == ("forgotten", "idle in transaction")
    assert lag.holder.database == forgotten.info.dbname
    forgotten.rollback()
    assert len(read_changes(workspace_id=acme.workspace.pk, after=start).changes) == 1
    assert changes_lag().seconds == 0


@on_postgresql
def test_the_lag_is_the_age_of_the_oldest_change_that_waits(acme: Tenant, globex: Tenant, forgotten: Any):
    from datetime import timedelta

    append(acme, "a")
    append(globex, "b")
    [change] = Change.objects.for_workspace(acme.workspace.pk).order_by("-pk")[:1]
    rows = Change.objects.for_workspace(acme.workspace.pk).filter(pk=change.pk)
    rows.update(created_at=change.created_at - timedelta(minutes=5))
    assert 300 <= changes_lag().seconds < 360


@on_postgresql
def test_a_transaction_that_only_reads_holds_nobody(acme: Tenant, forgotten: psycopg.Connection):
    forgotten.rollback()
    forgotten.execute("SELECT 1")
    start = current_position()
    append(acme, "a")
    assert len(read_changes(workspace_id=acme.workspace.pk, after=start).changes) == 1
    assert changes_lag().seconds == 0
