"""A host that leaves `threads` out still has runs, parts and objects in its admin and its exports."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


WITHOUT_PSYCOPG = """
import runpy, sys
sys.modules["psycopg"] = None
runpy.run_module("tests.storealone", run_name="__main__")
"""
SHADOWED = """
import sys, types
from django.apps import apps
from django.conf import settings
sys.modules["messaging"] = types.ModuleType("messaging")
settings.configure(INSTALLED_APPS=["threads"])
apps.populate(settings.INSTALLED_APPS)
"""
TAKEN = """
import sys, types
from django.apps import AppConfig, apps
from django.conf import settings
settings.configure(INSTALLED_APPS=[])
host = types.ModuleType("yourapp")
host.__path__ = ["."]
class Config(AppConfig):
    name, label, path = "yourapp", "parley", "."
apps.populate([Config("yourapp", host), "messaging"])
"""


def run(source: str) -> subprocess.CompletedProcess[str]:
    """The source in a process of its own."""
    command = [sys.executable, "-c", source]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


@cache
def seen() -> dict[str, Any]:
    """What such a host sees, in a process of its own: apps are installed once a process."""
    process = run(WITHOUT_PSYCOPG)
    assert process.returncode == 0, process.stderr
    answer: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return answer


def test_sqlite_needs_no_driver_of_postgresql():
    assert seen()


def test_a_package_of_the_host_in_the_name_of_ours_is_named():
    process = run(SHADOWED)
    assert (
        "ImproperlyConfigured: `threads` of Parley needs the package `messaging` of Parley" in process.stderr
    )


def test_a_label_of_ours_that_an_app_of_the_host_has_is_named():
    process = run(TAKEN)
    assert "ImproperlyConfigured: Application labels aren't unique, duplicates: parley" in process.stderr


def test_the_store_does_not_load_the_threads():
    assert seen()["threads"] is False


def test_the_admin_shows_runs_parts_and_objects():
    pages = seen()["pages"]
    assert {name: status for name, status in pages.items() if status not in (200, True)} == {}


def test_they_leave_with_an_export_and_come_back_with_an_import():
    assert (seen()["before"], seen()["deleted"]) == ([4, 1, 2, 1], [2, 0, 0, 0])
    assert (seen()["after"], seen()["rejections"]) == ([4, 1, 2, 1], 0)
