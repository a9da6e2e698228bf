"""What drills measured, and the table of the operations page that is written from it.

`python -m tests.e2e.figures` puts the figures of the last runs into the table. Rows of drills that did not
run keep what they have; a drill that is gone loses its row.
"""

import ast
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["drills", "report", "written"]

E2E = Path(__file__).parent
ROOT = E2E.parents[1]
PAGE = ROOT / "config" / "OPERATIONS.md"
MEASURED = ROOT / ".bench" / "drills.json"
SECTION = re.compile(r"(?<=<!-- written by tests/e2e/figures.py -->\n).*?(?=<!-- until here -->)", re.S)
DATABASES = ("SQLite", "PostgreSQL")
NOTHING = "–"
"""Where a drill does not apply, or has not run yet."""

Figures = dict[str, dict[str, str]]
"""By drill, then by database."""


def report(drill: str, outcome: str) -> None:
    """Keep what a drill measured on the database that the suite runs on."""
    print(f"{drill}: {outcome}")
    measured = _measured()
    measured.setdefault(drill, {})[DATABASES[bool(os.environ.get("TEST_DATABASE_URL"))]] = outcome
    MEASURED.parent.mkdir(exist_ok=True)
    MEASURED.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n")


@cache
def drills() -> list[str]:
    """Every drill that reports, in the order of the source."""
    return [drill for path in sorted(E2E.glob("test_*.py")) for drill in _reported(path.read_text())]


def written(page: str, measured: Figures) -> str:
    """The page with its table as it should be."""
    rows = dict.fromkeys([*_rows(page), *drills()])
    before = _rows(page)
    table = ["| drill | SQLite | PostgreSQL |", "| --- | --- | --- |"]
    for drill in rows:
        if drill in drills():
            figures = {**before.get(drill, {}), **measured.get(drill, {})}
            cells = (figures.get(database, NOTHING) for database in DATABASES)
            table.append(f"| {drill} | {' | '.join(cells)} |")
    return SECTION.sub(lambda _: "\n" + "\n".join(table) + "\n\n", page)


def _rows(page: str) -> Figures:
    """What the table of the page says now."""
    section = SECTION.search(page)
    lines = section[0].strip().splitlines()[2:] if section else []
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {drill: dict(zip(DATABASES, figures, strict=True)) for drill, *figures in cells}


def _reported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "report":
            drill: str = ast.literal_eval(node.args[0])
            yield drill


def _measured() -> Figures:
    if not MEASURED.exists():
        return {}
    measured: Figures = json.loads(MEASURED.read_text())
    return measured


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(), _measured()))
