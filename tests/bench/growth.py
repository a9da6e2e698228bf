"""Measures whether cost grows with the history: the same cases at several sizes, in turns."""

import argparse
import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.postgres import Unavailable

from .cases import Case
from .measuring import measure
from .options import chosen_cases, effort, options, store
from .report import columns, machine, number, write_json
from .scene import Scene, scene

SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000), (2_000, 10_000)
FLAT = 1.5
"""At most so many times the figure at the smallest size."""


@dataclass(frozen=True)
class Growth:
    """Medians of a case in milliseconds, by size."""

    name: str
    medians: Mapping[int, float]
    rows: Mapping[int, int | None]
    """How many rows one call answers: sizes whose lists are shorter do less work, and do not compare."""

    @property
    def ratio(self) -> float | None:
        """Of the worst size to the smallest that compares; None where only one does."""
        fullest = self.rows[max(self.rows)]
        comparable = [self.medians[size] for size in sorted(self.medians) if self.rows[size] == fullest]
        return max(comparable) / comparable[0] if len(comparable) > 1 else None

    @property
    def verdict(self) -> str:
        return "" if self.ratio is None else "yes" if self.ratio <= FLAT else "NO"

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "medians": self.medians, "rows": self.rows, "ratio": self.ratio}


def growth_of(case: Case, scenes: Mapping[int, Scene], given: argparse.Namespace) -> Growth:
    subjects = {str(size): case.service(place) for size, place in scenes.items()}
    samples = measure(subjects, dict.fromkeys(subjects, effort(given)))
    return Growth(
        case.name,
        {size: samples[str(size)].median for size in scenes},
        {size: subjects[str(size)].rows for size in scenes},
    )


def table(growths: Sequence[Growth], sizes: Sequence[int]) -> str:
    headings = ["operation", *(f"{size:,}" for size in sizes), "growth", "flat"]
    return columns(headings, [_cells(growth, sizes) for growth in growths])


def _cells(growth: Growth, sizes: Sequence[int]) -> list[str]:
    fullest = growth.rows[max(sizes)]
    medians = [
        number(growth.medians[size])
        + ("" if growth.rows[size] == fullest else f" ({growth.rows[size]} rows)")
        for size in sizes
    ]
    return [growth.name, *medians, number(growth.ratio), growth.verdict]


def arguments() -> argparse.Namespace:
    parser = options("bench-growth", __doc__)
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="of the workspace, with commas between")
    return parser.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


def main() -> int:
    given = arguments()
    sizes = QUICK_SIZES if given.quick else given.sizes
    with contextlib.ExitStack() as cleanup:
        databases = cleanup.enter_context(store(given))
        scenes = {
            size: cleanup.enter_context(scene(cleanup.enter_context(databases.copy(size)), plain=False))
            for size in sizes
        }
        facts = machine(scenes[sizes[0]].database.url)
        growths = []
        for case in chosen_cases(given):
            growths.append(growth_of(case, scenes, given))
            print(f"  {case.name}: {number(growths[-1].ratio)}", file=sys.stderr, flush=True)
        memory = {size: place.service.memory() for size, place in scenes.items()}
    print(*facts.values(), sep=", ")
    print(table(growths, sizes))
    print("memory of the server, MiB:", *(f"{value:.0f}" for [value] in memory.values()))
    write_json(given.json, [growth.as_dict() for growth in growths], machine=facts, memory=memory)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Unavailable as reason:
        sys.exit(f"*** NOT RUN: {reason}")
