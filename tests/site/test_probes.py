"""/livez and /readyz"""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config import readiness


@pytest.fixture
def orchestrator() -> Client:
    return Client(SERVER_NAME="localhost")


def test_livez_needs_no_database(orchestrator: Client):
    assert orchestrator.get("/livez").content == b"ok"


@pytest.mark.django_db
def test_readyz_is_ready_when_every_migration_is_applied(orchestrator: Client):
    assert orchestrator.get("/readyz").json() == {"ready": True}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_no_cache_keeps_a_probe(orchestrator: Client, path: str):
    assert orchestrator.get(path)["Cache-Control"] == "no-store"


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

    monkeypatch.setattr(readiness, "MigrationRecorder", unreachable)
    response = orchestrator.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "reason": "The database cannot be reached"}
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_readyz_asks_the_database_once_and_reads_no_migration(
    orchestrator: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
):
    orchestrator.get("/readyz")
    monkeypatch.delattr(readiness, "MigrationLoader")
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

    monkeypatch.setattr(readiness, "MigrationRecorder", NoTable)
    response = orchestrator.get("/readyz")
    assert response.status_code == 503
    assert "parley.0001_initial" in response.json()["reason"]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="of a file")
@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("access", lambda *_: False, "The file of the database cannot be written"),
        ("statvfs", lambda _: SimpleNamespace(f_bavail=1, f_frsize=4096), "The disk of the database is full"),
    ],
)
def test_readyz_tells_that_a_file_takes_no_writes(
    orchestrator: Client, monkeypatch: pytest.MonkeyPatch, name: str, value: object, reason: str
):
    monkeypatch.setattr(f"os.{name}", value)
    response = orchestrator.get("/readyz")
    assert (response.status_code, response.json()["reason"]) == (503, reason)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "sqlite", reason="PostgreSQL says it of itself")
def test_readyz_tells_that_a_server_takes_no_writes(orchestrator: Client):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")
        response = orchestrator.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
    assert (response.status_code, response.json()["reason"]) == (503, "The database takes no writes")


def test_a_probe_comes_without_tls(orchestrator: Client, settings: pytest.FixtureRequest):
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert orchestrator.get("/livez").status_code == 200
