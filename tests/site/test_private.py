"""What the service stores is its owner's alone, and a check tells where it is not."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from config import private

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, os, pathlib, sys
os.umask(0)
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.contrib.auth.models import Group
Group.objects.create(name="x")
print(json.dumps({path.name: oct(path.stat().st_mode) for path in pathlib.Path(sys.argv[1]).iterdir()}))
"""


def test_a_new_database_is_private(tmp_path: Path):
    """Whatever the umask, with the files that SQLite makes beside it."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    data = tmp_path / "data"
    environment = kept | {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(data)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    modes = json.loads(done.stdout)
    assert {"parley.sqlite3", "parley.sqlite3-wal", "parley.sqlite3-shm", "secret_key"} <= modes.keys()
    assert set(modes.values()) == {oct(stat.S_IFREG | 0o600)}
    assert data.stat().st_mode == stat.S_IFDIR | 0o700


@pytest.mark.parametrize("name", ["parley.sqlite3", "parley.sqlite3-wal", "secret_key", "", "objects"])
def test_a_check_names_what_others_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    (tmp_path / "objects").mkdir()
    for file in ("parley.sqlite3", "parley.sqlite3-wal", "secret_key"):
        (tmp_path / file).touch()
    for path in (tmp_path, *tmp_path.iterdir()):
        path.chmod(0o700 if path.is_dir() else 0o600)
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "parley.sqlite3")}
    given = SimpleNamespace(
        DATA_DIR=tmp_path,
        DATABASES={"default": database},
        STORAGES={"default": {"OPTIONS": {"location": str(tmp_path / "objects")}}},
    )
    monkeypatch.setattr(private, "settings", given)
    assert private.check_modes(None) == []
    wide = tmp_path / name
    wide.chmod(wide.stat().st_mode | 0o050)
    [found] = private.check_modes(None)
    assert found.msg == f"Others may read {wide}."
