"""/livez and /readyz"""

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config import views


@pytest.fixture
def orchestrator() -> Client:
    return Client(SERVER_NAME="localhost")


def test_livez_needs_no_database(orchestrator: Client):
    assert orchestrator.get("/livez").content == b"ok"


@pytest.mark.django_db
def test_readyz_is_ready_when_every_migration_is_applied(orchestrator: Client):
    assert orchestrator.get("/readyz").json() == {"ready": True}


@pytest.mark.django_db
def test_readyz_names_the_migration_that_is_missing(orchestrator: Client):
    [(_, newest)] = MigrationLoader(connection).graph.leaf_nodes("parley")
    MigrationRecorder(connection).record_unapplied("parley", newest)
    response = orchestrator.get("/readyz")
    assert response.status_code == 503
    assert f"parley.{newest}" in response.json()["reason"]


@pytest.mark.django_db
def test_readyz_is_503_without_the_database(orchestrator: Client, monkeypatch: pytest.MonkeyPatch):
    def unreachable(*args: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(views, "MigrationRecorder", unreachable)
    response = orchestrator.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "reason": "The database cannot be reached"}


@pytest.mark.django_db
def test_readyz_asks_the_database_once_and_reads_no_migration(
    orchestrator: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
):
    orchestrator.get("/readyz")
    monkeypatch.delattr(views, "MigrationLoader")
    with django_assert_num_queries(1):
        assert orchestrator.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_readyz_of_an_empty_database_names_what_is_missing(
    orchestrator: Client, monkeypatch: pytest.MonkeyPatch
):
    class NoTable(MigrationRecorder):
        @property
        def migration_qs(self) -> Any:
            raise OperationalError("no such table: django_migrations")

        def has_table(self) -> bool:
            return False

    monkeypatch.setattr(views, "MigrationRecorder", NoTable)
    response = orchestrator.get("/readyz")
    assert response.status_code == 503
    assert "parley.0001_initial" in response.json()["reason"]


def test_a_probe_comes_without_tls(orchestrator: Client, settings: pytest.FixtureRequest):
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert orchestrator.get("/livez").status_code == 200
