"""From cases to figures."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .cases import Case
from .measuring import Effort, Sample, measure
from .scene import Scene

__all__ = ["LEEWAY", "Figure", "run_case"]

# The yardstick and a slow floor are there to compare with, and need not be known to the last digit.
COMPARED = {"least": 5, "seconds": 5.0}
# On SQLite the goals are three times as wide.
LEEWAY = {"postgresql": 1.0, "sqlite": 3.0}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was measured of one case. Durations in milliseconds; rates in messages a second."""

    name: str
    unit: str
    """`ms`, or `/s` where more is better."""
    value: float
    """Median."""
    p99: float | None = None
    calls: int = 0
    cpu: float | None = None
    """Milliseconds of processor time that the server spends on a call, which other load does not change."""
    statements: int | None = None
    """SQL statements of a page for people."""
    floor: float | None = None
    times_floor: float | None = None
    plain: float | None = None
    times_plain: float | None = None
    goal: float | None = None
    goal_holds: bool | None = None
    """None where there is no goal."""
    ratios_hold: bool | None = None


def run_case(case: Case, scene: Scene, effort: Effort) -> Figure:
    """Time the service, the floor and the yardstick in turns."""
    makes = {"service": case.service, "floor": case.floor, "plain": case.plain if scene.plain else None}
    subjects = {name: make(scene) for name, make in makes.items() if make}
    compared = Effort(**{**asdict(effort), **COMPARED})
    efforts = {name: effort if name == "service" else compared for name in subjects}
    before = scene.service.cpu_milliseconds()
    samples = measure(subjects, efforts)
    cpu = scene.service.cpu_milliseconds() - before
    figure = _figure(case, samples, cpu, LEEWAY[scene.database.vendor])
    return replace(figure, statements=_statements(case.page, scene)) if case.page else figure


def _statements(page: str, scene: Scene) -> int:
    path = page.format(**scene.names)
    return int(scene.database.run("tests.bench.statements", scene.database.facts.session, path))


def _figure(case: Case, samples: Mapping[str, Sample], cpu: float, leeway: float) -> Figure:
    medians = {name: sample.median for name, sample in samples.items()}
    times_floor = medians["service"] / medians["floor"] if "floor" in medians else None
    times_plain = medians["plain"] / medians["service"] if "plain" in medians else None
    service, goal = samples["service"], case.goal_on(leeway)

    def shown(duration: float | None) -> Any:
        return case.messages * 1_000 / duration if case.messages and duration else duration

    value = shown(service.median)
    return Figure(
        name=case.name,
        unit="/s" if case.messages else "ms",
        value=value,
        p99=shown(service.percentile(99)),
        calls=len(service.durations),
        cpu=cpu / (len(service.durations) + service.warm_ups),
        floor=shown(medians.get("floor")),
        times_floor=times_floor,
        plain=shown(medians.get("plain")),
        times_plain=times_plain,
        goal=goal,
        goal_holds=None if goal is None else value >= goal if case.messages else value <= goal,
        ratios_hold=_ratios_hold(case, times_floor, times_plain),
    )


def _ratios_hold(case: Case, times_floor: float | None, times_plain: float | None) -> bool | None:
    """Whether every ratio that the case is held to, and that was measured, is kept."""
    kept = []
    if case.times_floor and times_floor:
        kept.append(times_floor <= case.times_floor)
    if case.times_plain and times_plain:
        kept.append(times_plain >= case.times_plain)
    return all(kept) if kept else None
