"""A wrong setting is an error with a stable id, found by `manage.py check`."""

import sqlite3
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections
from django.db.models import Model
from pytest_django import Settings

from messaging.sql.databases import on_database


class StoreElsewhere:
    """A router that gives the store a database of its own, and leaves users where they are."""

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        return "chat" if model._meta.app_label in {"parley", "parley_threads"} else None


class ReadsElsewhere:
    """A router that reads everything from another database."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return "chat"


class NotInChat:
    """A router that keeps the store out of a database."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == "chat" and app_label == "parley" else None


CHOSEN = "messaging.sql.databases.ChosenDatabase"
USES = [[ReadsElsewhere()], [CHOSEN]]
"""Routers by which the store may lie in a second database beside the default one."""


MODEL = "messaging.memories.openai.OpenAIExtractor"


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


@pytest.mark.parametrize(
    ("memories", "found"),
    [
        ({"EXTRACTR": None}, ["messaging.E001"]),
        ({"EXTRACTOR": 5}, ["messaging.E002"]),
        ({"MAX_KNOWN": 0}, ["messaging.E002"]),
        ({"NEAR": "0.9"}, ["messaging.E002"]),
        ({"NEAR": -0.5}, ["messaging.E002"]),
        ({"ROLES": "user"}, ["messaging.E002"]),
        ({"EMBEDDER": "nowhere.Embedder"}, ["messaging.E003"]),
        ({"EXTRACTOR_OPTIONS": {"colour": "red"}}, ["messaging.E011"]),
        ({"EXTRACTOR": MODEL}, ["messaging.E011"]),
        ({"EXTRACTOR": MODEL, "EXTRACTOR_OPTIONS": {"url": "x", "model": "m"}}, ["messaging.E011"]),
        ({"EXTRACTOR": MODEL, "EXTRACTOR_OPTIONS": {"url": "http://x/v1", "model": ""}}, ["messaging.E011"]),
        ({"EXTRACTOR": MODEL, "EXTRACTOR_OPTIONS": {"url": "http://x/v1", "model": "m"}}, []),
        ([], ["messaging.E002"]),
        ({"EXTRACTOR": None, "ROLES": ["user", "assistant"], "NEAR": 0.9, "EXTRACTOR_OPTIONS": {}}, []),
    ],
)
def test_settings_of_memories_are_checked_alike(settings: Settings, memories: object, found: list[str]):
    settings.PARLEY = {"MEMORIES": memories}
    assert ids() == found


def test_an_unknown_key_of_memories_is_told_the_nearest(settings: Settings):
    settings.PARLEY = {"MEMORIES": {"EXTRACTR": None}}
    [error] = run_checks(tags=["parley"])
    assert error.hint == "Did you mean EXTRACTOR?"
    assert error.msg == "PARLEY['MEMORIES']['EXTRACTR'] is not a setting."


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


@pytest.fixture
def second_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(connections.settings, "chat", connections.settings["default"])
    yield
    del connections["chat"]


@pytest.mark.parametrize("routers", USES)
def test_every_database_that_the_routers_use_is_checked(
    settings: Settings, second_database: None, monkeypatch: pytest.MonkeyPatch, routers: list[Any]
):
    settings.DATABASE_ROUTERS = routers
    assert ids() == []
    other = {**settings.DATABASES["default"], "TIME_ZONE": "Asia/Kathmandu"}
    monkeypatch.setitem(settings.DATABASES, "chat", other)
    monkeypatch.setattr(connections["chat"], "vendor", "mysql")
    assert ids() == ["messaging.E005", "messaging.E007"]


@pytest.mark.parametrize("routers", [[], [NotInChat(), CHOSEN]])
def test_a_database_that_the_store_is_kept_out_of_may_be_anything(
    settings: Settings, second_database: None, monkeypatch: pytest.MonkeyPatch, routers: list[Any]
):
    settings.DATABASE_ROUTERS = routers
    monkeypatch.setattr(connections["chat"], "vendor", "mysql")
    assert ids() == []


def test_e009_users_in_another_database(settings: Settings, second_database: None):
    settings.DATABASE_ROUTERS = [StoreElsewhere()]
    [error] = run_checks(tags=["parley"])
    assert error.id == "messaging.E009"
    assert "users into 'default' and the store of Parley into 'chat'" in error.msg


def test_a_database_for_users_and_the_store_together_is_fine(settings: Settings, second_database: None):
    settings.DATABASE_ROUTERS = ["messaging.sql.databases.ChosenDatabase"]
    with on_database("chat"):
        assert ids() == []


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


@pytest.mark.parametrize("routers", USES)
def test_e008_in_any_database_that_the_routers_use(
    settings: Settings, second_database: None, monkeypatch: pytest.MonkeyPatch, routers: list[Any]
):
    monkeypatch.setattr("messaging.checks._has_older_build", lambda alias: alias == "chat")
    assert of_database(databases=["default", "chat"]) == []
    settings.DATABASE_ROUTERS = routers
    assert of_database(databases=["default", "chat"]) == ["messaging.E008"]
    assert of_database(databases=["default"]) == []


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
