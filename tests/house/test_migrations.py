"""Migrations: complete, named by hand, one for each number."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations import AddConstraint, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from messaging.sql.references import TenantReference
from tests.house.imports import ROOT
from tests.house.inventory import OURS

STABLE = {
    "messaging.index.terms",
    "messaging.models.following",
    "messaging.sql.fields",
    "messaging.sql.references",
    "messaging.migrations.sql",
    "messaging.migrations.sql.operations",
}
"""Modules that migrations import: no one renames them, or what migrations name of them."""

TENANTS = ("conversation", "memory", "message", "run", "webhook")
"""The tables that others refer to together with the workspace."""


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


def test_they_import_nothing_of_ours_that_may_be_renamed():
    imported = re.compile(r"^(?:import|from) ((?:messaging|threads)[\w.]*)", re.MULTILINE)
    files = [
        file for folder in ("messaging", "threads") for file in (ROOT / folder / "migrations").glob("*.py")
    ]
    assert {name for file in files for name in imported.findall(file.read_text())} == STABLE


def test_a_reference_comes_after_the_key_that_it_refers_to(migrations):
    """So that to take the migration back drops the references first, as PostgreSQL wants it."""
    operations = migrations["parley", "0001_initial"].operations
    keys = {name: _first(operations, f"parley_{name}_tenant") for name in TENANTS}
    for model in apps.get_app_config("parley").get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, TenantReference):
                key = keys[constraint.to.removeprefix("parley_")]
                assert key < _first(operations, constraint.name), constraint.name


def _first(operations: Sequence[Operation], name: str) -> int:
    """The place of the first operation with this constraint."""
    return next(
        place
        for place, operation in enumerate(operations)
        if any(name == constraint.name for constraint in _constraints(operation))
    )


def _constraints(operation: Any) -> Iterable[models.BaseConstraint]:
    if isinstance(operation, AddConstraint):
        return [operation.constraint]
    return operation.options.get("constraints", ()) if isinstance(operation, CreateModel) else ()
