"""Measures Parley beside the bare driver and beside plain Django REST framework."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.postgres import Unavailable

from .options import QUICK_MESSAGES, chosen_cases, effort, options, store
from .report import changes, machine, table, write_json
from .running import Figure, run_case
from .scene import scene
from .stores import FilledDatabase
from .writers import GROUP, run_writers

MILLION = 1_000_000


def arguments() -> argparse.Namespace:
    parser = options("bench", __doc__)
    parser.add_argument("--messages", type=int, default=MILLION, help="how many the workspace holds")
    parser.add_argument("--compare", type=Path, help="figures of an earlier run")
    return parser.parse_args()


def figures_of(
    database: FilledDatabase, given: argparse.Namespace, facts: dict[str, Any]
) -> Iterator[Figure]:
    """Every figure asked for, as it comes; notes the memory of the server in `facts`."""
    with scene(database) as place:
        for case in chosen_cases(given):
            yield run_case(case, place, effort(given))
        facts["memory"] = place.service.memory()
    if given.only in GROUP:
        yield from run_writers(database, seconds=0.5 if given.quick else 3)


def collected(database: FilledDatabase, given: argparse.Namespace, facts: dict[str, Any]) -> list[Figure]:
    """The figures, in a table that is printed even where one of them fails."""
    figures: list[Figure] = []
    try:
        for figure in figures_of(database, given, facts):
            print(f"  {figure.name}: {figure.value:,.2f} {figure.unit}", file=sys.stderr, flush=True)
            figures.append(figure)
    finally:
        print(table(figures), flush=True)
    return figures


def main() -> int:
    given = arguments()
    earlier = json.loads(given.compare.read_text()) if given.compare else None
    messages = QUICK_MESSAGES if given.quick else given.messages
    with store(given) as databases, databases.copy(messages) as database:
        facts: dict[str, Any] = {"machine": machine(database.url), "messages": messages}
        print(*facts["machine"].values(), f"{messages:,} messages", sep=", ")
        figures = collected(database, given, facts)
    print("memory of the server:", *(f"{value:.0f} MiB" for value in facts["memory"]), "(goal: <= 120)")
    write_json(given.json, [asdict(figure) for figure in figures], **facts)
    if earlier:
        print(changes(figures, earlier))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unavailable as reason:
        sys.exit(f"*** NOT RUN: {reason}")
