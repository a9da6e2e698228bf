"""What `migrate` leaves in a database, and what it takes away again."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from messaging.migrations.sql.sqlite import STATISTICS
from messaging.models import kept_total
from tests.cast import Tenant
from tests.house.inventory import OURS, expected, present

TENANT_COLUMNS = {
    "sqlite": """
      SELECT tables.name, columns.type FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
      WHERE tables.name LIKE 'parley%' AND columns.name = 'workspace_id'""",
    "postgresql": """
      SELECT table_name, data_type, character_maximum_length, collation_name FROM information_schema.columns
      WHERE table_name LIKE 'parley%' AND column_name = 'workspace_id'""",
}


def migrate(*where: str) -> None:
    call_command("migrate", *where, verbosity=0)


@pytest.mark.django_db
def test_every_table_index_constraint_trigger_and_function_is_there():
    assert expected() - present() == set()
    assert {"table", "index", "constraint", "trigger"} <= {kind for kind, _ in expected()}


def test_every_name_begins_with_our_label():
    """Indexes of a host share a namespace with ours, and Django wants their names unique over all apps."""
    assert [name for _, name in expected() if not name.startswith("parley_")] == []


@pytest.mark.django_db
def test_there_is_no_trigger_and_no_function_besides():
    attached = {(kind, name) for kind, name in present() if kind in ("trigger", "function")}
    assert attached - expected() == set()


@pytest.mark.django_db
def test_the_tenant_has_one_type_in_every_table():
    """Joins between tables then need no cast, and a distributed install places rows by it."""
    wanted = {"sqlite": {("varchar(40)",)}, "postgresql": {("character varying", 40, "C")}}
    with connection.cursor() as cursor:
        cursor.execute(TENANT_COLUMNS[connection.vendor])
        rows = cursor.fetchall()
    assert {tuple(what) for _, *what in rows} == wanted[connection.vendor]
    assert {"parley_message", "parley_workspace_total"} <= {table for table, *_ in rows}


@pytest.mark.django_db(transaction=True)
def test_sqlmigrate_shows_all_of_it():
    shown = StringIO()
    for name in ("0001", "0002"):
        call_command("sqlmigrate", "parley", name, stdout=shown)
    assert "CANNOT BE WRITTEN AS SQL" not in shown.getvalue()
    for kind, name in expected():
        assert name in shown.getvalue(), kind


@pytest.fixture
def migrated_again(transactional_db: None) -> Iterator[None]:
    yield
    migrate()


@pytest.mark.usefixtures("migrated_again")
def test_zero_takes_a_store_with_rows_away_and_leaves_nothing_of_ours(acme: Tenant):
    before = expected()
    for label in reversed(OURS):
        migrate(label, "zero")
    left = present()
    assert before & left == set()
    assert [name for _, name in left if name.startswith("parley")] == []

    migrate()
    assert before - present() == set()
    assert kept_total("messages", [acme.workspace.pk]) == 0


@pytest.mark.usefixtures("migrated_again")
def test_totals_are_made_anew_from_the_rows(acme: Tenant, globex: Tenant):
    for name in ("0001", "0002"):
        migrate("parley", name)
    for tenant in (acme, globex):
        assert kept_total("messages", [tenant.workspace.pk]) == 2


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone")
@pytest.mark.parametrize("index", STATISTICS)
def test_statistics_are_of_an_index_with_as_many_columns(index: str):
    """SQLite numbers the indexes of constraints, in the order of these."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA index_info({index})")
        assert len(cursor.fetchall()) == len(STATISTICS[index].split()) - 1
