"""Migrations: complete, named by hand, one for each number."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

OURS = ("parley", "parley_threads")


@pytest.fixture
def migrations(db: None):
    loader = MigrationLoader(connection)
    return {key: migration for key, migration in loader.disk_migrations.items() if key[0] in OURS}


def test_no_model_has_changed_without_one(db: None):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_two_have_one_number(migrations):
    numbers = Counter((app, name.split("_")[0]) for app, name in migrations)
    assert not [number for number, count in numbers.items() if count > 1]


def test_they_are_named_by_hand(migrations):
    """But for the first, none has the name that Django would have given it."""
    for (_, name), migration in migrations.items():
        number, _, title = name.partition("_")
        assert number == "0001" or (title != migration.suggest_name() and not title.startswith("auto_")), name


def test_the_latest_can_be_taken_back(migrations):
    for key, migration in migrations.items():
        assert all(operation.reversible for operation in migration.operations), key
