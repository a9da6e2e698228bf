"""Measures Parley: `python -m tests.bench`, or `make bench ARGS="--only list"`."""

import argparse
import json
import sys
from pathlib import Path

from tests.postgres import Unavailable

from .cases import CASES
from .measuring import Effort
from .report import changes, machine, table, write_json
from .running import run_cases
from .scene import scene
from .stores import postgres_store, sqlite_store

MILLION = 1_000_000
QUICK = Effort(calls=30, least=5, seconds=2.0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=MILLION, help="in the workspace, in thousands")
    parser.add_argument("--quick", action="store_true", help="10,000 messages and few calls")
    parser.add_argument("--only", default="", help="cases whose group or name contains this")
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    parser.add_argument("--keep", type=Path, help="folder that keeps the filled databases for later runs")
    parser.add_argument("--json", type=Path, default=Path(".bench/latest.json"), help="where figures go")
    parser.add_argument("--compare", type=Path, help="figures of an earlier run")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    earlier = json.loads(given.compare.read_text()) if given.compare else None
    cases = [case for case in CASES if given.only in case.group or given.only in case.name]
    messages, effort = (10_000, QUICK) if given.quick else (given.messages, Effort())
    store = sqlite_store if given.sqlite else postgres_store
    with store(given.keep) as databases, databases.copy(messages) as database, scene(database) as place:
        facts = machine(database.url)
        print(f"{messages:,} messages. {', '.join(map(str, facts.values()))}", file=sys.stderr)
        figures = []
        for figure in run_cases(cases, place, effort):
            print(f"  {figure.name}: {figure.value:,.2f} {figure.unit}", file=sys.stderr, flush=True)
            figures.append(figure)
        memory = place.service.memory()
    print(table(figures))
    print(f"memory of the server, MiB: {', '.join(f'{value:.0f}' for value in memory)} (goal: at most 120)")
    write_json(given.json, figures, machine=facts, messages=messages, memory=memory)
    if earlier:
        print(changes(figures, earlier))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unavailable as reason:
        sys.exit(f"*** NOT RUN: {reason}")
