"""What every measuring command can be told."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .cases import CASES, Case
from .measuring import Effort
from .stores import Store, postgres_store, sqlite_store

__all__ = ["QUICK_MESSAGES", "chosen_cases", "effort", "options", "store"]

QUICK_MESSAGES = 10_000
QUICK = Effort(calls=30, least=5, seconds=2.0)


def options(name: str, description: str | None) -> argparse.ArgumentParser:
    """The options that all have; a command adds its own."""
    parser = argparse.ArgumentParser(prog=f"make {name}", description=description)
    parser.add_argument("--quick", action="store_true", help="few messages and few calls: does it run?")
    parser.add_argument("--only", default="", help="cases whose group or name contains this")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    parser.add_argument("--keep", type=Path, help="folder that keeps the filled databases for later runs")
    parser.add_argument("--json", type=Path, default=Path(f".bench/{name}.json"), help="where the figures go")
    return parser


def chosen_cases(given: argparse.Namespace) -> list[Case]:
    return [case for case in CASES if given.only in case.group or given.only in case.name]


def effort(given: argparse.Namespace) -> Effort:
    return QUICK if given.quick else Effort()


@contextmanager
def store(given: argparse.Namespace) -> Iterator[Store]:
    """Raises Unavailable where PostgreSQL is wanted and there is none."""
    with (sqlite_store if given.sqlite else postgres_store)(given.keep) as opened:
        yield opened
