"""A wrong setting is an error with a stable id, found by `manage.py check`."""

import sqlite3
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings


def ids() -> list[str | None]:
    return [message.id for message in run_checks(tags=["parley"])]


def test_the_settings_of_the_tests_are_sound():
    assert ids() == []


def test_e001_an_unknown_key(settings: Settings):
    settings.PARLEY = {"MAX_BACH": 5}
    [error] = run_checks(tags=["parley"])
    assert (error.id, error.hint) == ("messaging.E001", "Did you mean MAX_BATCH?")


@pytest.mark.parametrize("parley", [{"max_batch": 5}, {"X": 1}, {7: 1}])
def test_e001_keys_are_spelled_in_capitals(settings: Settings, parley: dict[object, int]):
    settings.PARLEY = parley
    assert ids() == ["messaging.E001"]


@pytest.mark.parametrize(
    "value", [{"MAX_BATCH": 0}, {"MAX_BATCH": "5"}, {"MAX_BATCH": True}, {"ECHO_INVALID_INPUT": 1}]
)
def test_e002_a_value_of_the_wrong_kind(settings: Settings, value: dict[str, object]):
    settings.PARLEY = value
    assert ids() == ["messaging.E002"]


@pytest.mark.parametrize("rate", ["fast", "0/minute", "5/fortnight", "5 / minute", "٥/minute"])
def test_e002_a_rate_that_is_none(settings: Settings, rate: str):
    settings.PARLEY = {"RATE_LIMIT": rate}
    assert ids() == ["messaging.E002"]


@pytest.mark.parametrize("listed", ["10.0.0.0/8", ["10.0.0.1/8"], ["10.0.0.0/99"], ["intranet"], [None], 10])
def test_e002_networks_that_are_none(settings: Settings, listed: object):
    settings.PARLEY = {"WEBHOOK_NETWORKS": listed}
    assert ids() == ["messaging.E002"]


@pytest.mark.parametrize("listed", [[], ["10.0.0.0/8", "fd00::/8"], ("127.0.0.1/32",)])
def test_networks_that_are_some(settings: Settings, listed: object):
    settings.PARLEY = {"WEBHOOK_NETWORKS": listed}
    assert ids() == []


@pytest.mark.parametrize("value", [[("MAX_BATCH", 5)], None, "x"])
def test_e002_no_dict_at_all(settings: Settings, value: object):
    settings.PARLEY = value
    assert ids() == ["messaging.E002"]


@pytest.mark.parametrize("path", ["nowhere", "tests.nowhere.at_all", "messaging.wire.auth.Nothing", ""])
@pytest.mark.parametrize("name", ["AUTHENTICATION", "ACCESS"])
def test_e003_a_path_that_leads_nowhere(settings: Settings, name: str, path: str):
    settings.PARLEY = {name: path}
    assert ids() == ["messaging.E003"]


def test_e004_no_time_zones(settings: Settings):
    settings.USE_TZ = False
    assert ids() == ["messaging.E004"]


def test_e005_a_connection_in_another_time_zone(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(settings.DATABASES["default"], "TIME_ZONE", "Asia/Kathmandu")
    assert ids() == ["messaging.E005"]


def test_e005_utc_said_aloud_is_fine(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(settings.DATABASES["default"], "TIME_ZONE", "UTC")
    assert ids() == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite alone")
def test_e006_a_sqlite_without_trigrams(monkeypatch: pytest.MonkeyPatch):
    class WithoutModules(sqlite3.Connection):
        def execute(self, sql: str, *params: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("fts5", "of_another_build"), *params)

    connect = partial(sqlite3.connect, factory=WithoutModules)
    monkeypatch.setattr("messaging.checks.sqlite3.connect", connect)
    assert ids() == ["messaging.E006"]


@pytest.mark.parametrize("vendor", ["mysql", "oracle"])
def test_e007_a_database_that_is_neither_postgresql_nor_sqlite(monkeypatch: pytest.MonkeyPatch, vendor: str):
    monkeypatch.setattr(connection, "vendor", vendor)
    assert "messaging.E007" in ids()


def of_database(**how: Any) -> list[str | None]:
    return [message.id for message in run_checks(tags=[Tags.database], **how)]


@pytest.fixture
def older_build(db: None) -> None:
    with connection.cursor() as cursor:
        for name in ("apikey", "conversation", "message"):
            cursor.execute(f"CREATE TABLE messaging_{name} (id text)")


def test_e008_tables_of_an_older_build(older_build: None):
    assert of_database(databases=["default"]) == ["messaging.E008"]
    assert of_database(databases=[]) == []


def test_e008_stops_migrate(older_build: None):
    with pytest.raises(SystemCheckError, match="manage.py export_conversations"):
        call_command("migrate", skip_checks=False, verbosity=0)


def test_e008_a_host_has_an_app_of_that_name(db: None):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE messaging_message (id text)")
    assert of_database(databases=["default"]) == []


def test_django_finds_nothing_in_our_models(db: None):
    messages = run_checks(tags=[Tags.models], databases=["default"])
    assert [
        message for message in messages if message.obj in apps.get_app_config("parley").get_models()
    ] == []


def test_every_error_says_what_to_type(settings: Settings):
    settings.PARLEY = {"X": 1, "MAX_BATCH": 0, "ACCESS": "nowhere", "RATE_LIMIT": "fast"}
    settings.USE_TZ = False
    assert len(ids()) == 5
    assert all(error.hint for error in run_checks(tags=["parley"]))
