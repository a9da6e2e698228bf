"""A store lies in the database that was chosen for it: by the option of a command, or by a host."""

import json
import os
import subprocess
import sys
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class

from messaging.management.store import StoreCommand
from messaging.models import Workspace

ROOT = Path(__file__).parents[2]
HOSTS = ["acme.example", "globex.example"]
OURS = sorted(name for name, app in get_commands().items() if app == "messaging")


@cache
def seen() -> dict[str, Any]:
    """What a host with two databases sees, in a process of its own: databases are set up once a process."""
    with TemporaryDirectory() as folder:
        process = subprocess.run(
            [sys.executable, "-m", "tests.shards"],
            cwd=ROOT,
            env={**os.environ, "SHARDS_FOLDER": folder},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert process.returncode == 0, process.stderr
    answer: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("name", OURS)
def test_every_command_of_the_store_takes_a_database(name: str):
    assert isinstance(load_command_class("messaging", name), StoreCommand)


@pytest.mark.parametrize("name", ["begin_epoch", "recount_messages"])
def test_a_database_that_does_not_exist_is_named(name: str):
    with pytest.raises(CommandError, match="There is no database 'nowhere': DATABASES names default"):
        call_command(name, database="nowhere", stdout=StringIO())


def test_a_command_before_migrate_tells_to_run_it(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Workspace._meta, "db_table", "not_migrated")
    with pytest.raises(CommandError, match="not_migrated.*Run manage.py migrate"):
        call_command("issue_key", workspace="acme", stdout=StringIO())


def test_commands_work_where_they_are_told_and_without_a_router():
    """The default database holds no table, so a statement that strays fails."""
    commands = seen()["commands"]
    assert commands["imported"] == commands["last"] == [1, 2]
    assert commands["kept"] == commands.get("left", [0, 0]) == [0, 0]
    assert commands["jobs"]
    assert commands["groups"] == [0, 2]


@pytest.mark.parametrize("host", HOSTS)
def test_a_tenant_writes_and_reads_in_its_own_database(host: str):
    name, answers = host.removesuffix(".example"), seen()[host]
    assert answers["messages"] == [201, 201]
    assert answers["once"]
    assert (answers["thread"], answers["run"]) == (200, 200)
    assert answers["texts"] == [
        f"{name}: are you open on Sunday?",
        f"{name}: yes, from ten to four.",
        f"hello {host}",
        f"thread of {host}",
    ]


@pytest.mark.parametrize("host", HOSTS)
def test_a_key_of_another_database_is_none(host: str):
    assert seen()[host]["foreign"] == 401


@pytest.mark.parametrize("host", HOSTS)
def test_staff_see_the_rows_of_their_database(host: str):
    assert seen()[host]["list"] == [host.removesuffix(".example")]


@pytest.mark.parametrize("host", HOSTS)
def test_an_answer_that_is_streamed_stays_in_the_database(host: str):
    assert seen()[host]["export"] == ["conversation", "end", "export", "message", "message"]


def test_rows_lie_where_they_belong_and_nowhere_else():
    assert seen()["written"] == {"one": [2, 2], "two": [2, 2]}
    assert seen()["used"] == {"one": 1, "two": 1}
    assert seen()["strays"] == []


def test_a_host_without_a_database_is_not_served():
    assert seen()["unknown host"] == 404
