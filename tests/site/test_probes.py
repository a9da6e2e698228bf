"""/livez and /readyz"""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client

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

    monkeypatch.setattr(views, "MigrationExecutor", unreachable)
    response = orchestrator.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False, "reason": "The database cannot be reached"}


def test_a_probe_comes_without_tls(orchestrator: Client, settings: pytest.FixtureRequest):
    settings.SECURE_SSL_REDIRECT = True  # type: ignore[attr-defined]
    assert orchestrator.get("/livez").status_code == 200
