"""A wrong value in the environment ends every command with one line, which names it and shows no secret."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection

from config.environment import Environment

ROOT = Path(__file__).parents[2]
DATABASE = "write postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite:////PATH"
WRONG = {
    "PORT=abc": "PORT is 'abc': write a whole number",
    "QUEUE_SECONDS=soon": "QUEUE_SECONDS is 'soon': write a number",
    "THREADS=0": "THREADS is 0: write 1 or more",
    "HTTPS=ture": "HTTPS is 'ture': write true or false",
    "DATABASE_URL=mysql+x://u:hunter2@h/n": f"DATABASE_URL cannot be read: {DATABASE}",
    "DATABASE_URL=postgres://u:hunter2@h:port/n": f"DATABASE_URL cannot be read: {DATABASE}",
    "LOG_FORMAT=xml": "LOG_FORMAT is 'xml': write line or json",
}


def served(folder: Path, **given: str) -> "subprocess.CompletedProcess[str]":
    """What `serve` says; it must end by itself."""
    return managed(folder, "serve", **given)


def managed(folder: Path, *command: str, **given: str) -> "subprocess.CompletedProcess[str]":
    """What a command says in this environment."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=kept | {"DATA_DIR": str(folder)} | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("given", "told"), WRONG.items(), ids=WRONG)
def test_a_wrong_value_is_one_line(tmp_path: Path, given: str, told: str):
    name, _, value = given.partition("=")
    ended = served(tmp_path, **{name: value})
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", f"Cannot start: {told}\n")


def test_a_wrong_setting_of_the_store_ends_it(tmp_path: Path):
    ended = served(tmp_path, RATE_LIMIT="often")
    assert ended.returncode == 1
    assert "PARLEY['RATE_LIMIT'] is 'often'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_one_line(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = served(tmp_path, PORT=str(port))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"CommandError: Cannot listen on 127.0.0.1, port {port}: [Errno 98]")
    assert ended.stderr.count("\n") == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, whom nobody awaits")
@pytest.mark.parametrize(
    ("given", "shown"), [("?options=-c%20statement_timeout%3D5s", "7s 5s"), ("", "7s 0")]
)
def test_no_command_leaves_a_transaction_open_for_ever(tmp_path: Path, given: str, shown: str):
    """Whoever reads changes waits for the oldest one, be it of a worker or of a forgotten shell."""
    names = (
        "SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('statement_timeout')"
    )
    code = f'from django.db import connection as c; print(*c.cursor().execute("{names}").fetchone())'
    environment = {
        "DATABASE_URL": f"{os.environ.get('TEST_DATABASE_URL')}{given}",
        "IDLE_TRANSACTION_SECONDS": "7",
    }
    ended = managed(tmp_path, "shell", "--verbosity=0", "-c", code, **environment)
    assert ended.stdout.strip() == shown, ended.stderr


@pytest.mark.parametrize("text", ["true", "YES", "1", " on ", "false", "No", "0", "off", ""])
def test_truth_is_written_in_many_ways(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("HTTPS", text)
    assert Environment().bool("HTTPS", default=False) is (text.strip().lower() in ("true", "yes", "1", "on"))


def test_what_is_not_there_is_the_default():
    env = Environment()
    assert (env.int("NOWHERE", default=3), env.float("NOWHERE", default=0.5)) == (3, 0.5)
    assert env.bool("NOWHERE", default=True) is True
    assert env.at_least("NOWHERE", 1, default=2) == 2


def warnings() -> dict[str, str]:
    found = [message for message in run_checks(tags=["parley"]) if message.id == "config.W003"]
    return {message.msg.split()[2]: str(message.hint) for message in found}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("DATABSE_URL", "Did you mean DATABASE_URL?"),
        ("ALLOWED_HOST", "Did you mean ALLOWED_HOSTS?"),
        ("RATE_LIMITS", "Did you mean RATE_LIMIT?"),
        ("MAX_BATCH", "Set PARLEY['MAX_BATCH'] in a settings module of your own"),
    ],
)
def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, hint: str):
    monkeypatch.setenv(name, "1")
    assert warnings()[name].startswith(hint)


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "HOSTNAME", "HTTPS_PROXY", "XDG_DATA_DIRS", "PIP_LOG_LEVEL", "OMP_NUM_THREADS"]
)
def test_a_variable_of_somebody_else_is_not(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "1")
    assert name not in warnings()


def test_the_service_says_so_when_it_starts(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = served(tmp_path, DATABSE_URL="postgres://u:hunter2@h/n", PORT=str(taken.getsockname()[1]))
    assert "The variable DATABSE_URL is set and has no effect." in ended.stderr
    assert "hunter2" not in ended.stderr
