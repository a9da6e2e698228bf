"""Figures as a table for people and as JSON for the next run to compare with."""

import json
import platform
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
import psycopg

from .running import Figure

__all__ = ["changes", "columns", "machine", "number", "table", "write_json"]

HEADINGS = (
    "operation",
    "p50",
    "p99",
    "CPU",
    "SQL",
    "floor",
    "x floor",
    "plain DRF",
    "x faster",
    "goal",
    "holds",
)


def table(figures: Iterable[Figure]) -> str:
    """Milliseconds, but for rates of messages a second."""
    return columns(HEADINGS, [_cells(figure) for figure in figures])


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown whose columns line up; texts in the first and the last, else numbers."""
    widths = [max(len(row[place]) for row in (headings, *rows)) for place in range(len(headings))]
    lines = [_line(headings, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def changes(figures: Iterable[Figure], earlier: Mapping[str, Any]) -> str:
    """What differs from an earlier run; floor and yardstick tell whether the machine was as busy."""
    before = {row["name"]: row for row in earlier["figures"]}
    rows = []
    for figure in figures:
        if old := before.get(figure.name):
            cells = [
                _from_to(old[name], getattr(figure, name)) for name in ("value", "cpu", "floor", "plain")
            ]
            rows.append([figure.name, *cells, figure.unit])
    heading = f"compared with the run of {earlier['machine']['date']}:\n"
    return heading + columns(("operation", "p50", "CPU", "floor", "plain DRF", "unit"), rows)


def number(value: float | None) -> str:
    """Three digits that count; nothing for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def machine(database_url: str) -> dict[str, Any]:
    """On what the figures were taken."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    count = len(re.findall(r"^processor", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    return {
        "cpu": model[1].strip() if model else platform.machine(),
        "cpus": count,
        "python": platform.python_version(),
        "django": django.__version__,
        "database": _version(database_url),
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def write_json(path: Path, figures: Sequence[dict[str, Any]], **more: Any) -> None:
    """What `--compare` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**more, "figures": figures}
    path.write_text(json.dumps(content, indent=1) + "\n")


def _version(database_url: str) -> str:
    if database_url.startswith("sqlite"):
        return f"SQLite {sqlite3.sqlite_version}"
    with psycopg.connect(database_url) as connection:
        [version] = connection.execute("SHOW server_version").fetchone() or ("",)
    return f"PostgreSQL {str(version).split()[0]}"


def _cells(figure: Figure) -> list[str]:
    goal = f"{'>=' if figure.unit == '/s' else '<='} {number(figure.goal)}" if figure.goal else ""
    return [
        figure.name,
        number(figure.value),
        number(figure.p99),
        number(figure.cpu),
        str(figure.statements or ""),
        number(figure.floor),
        number(figure.times_floor),
        number(figure.plain),
        number(figure.times_plain),
        goal,
        _verdict(figure),
    ]


def _verdict(figure: Figure) -> str:
    """What holds: the goal, the ratios, both or neither; in words, as either may be missing."""
    held = {"goal": figure.goal_holds, "ratios": figure.ratios_hold}
    return ", ".join(name if holds else f"NOT {name}" for name, holds in held.items() if holds is not None)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = [
        cell.ljust(width) if place in (0, len(widths) - 1) else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join([first, *others])} |"


def _from_to(old: float | None, new: float | None) -> str:
    return f"{number(old)} -> {number(new)} ({(new / old - 1) * 100:+.0f} %)" if old and new else ""
