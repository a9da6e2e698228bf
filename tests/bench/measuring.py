"""Timing: several subjects in turns, so that a noisy machine disturbs them all alike."""

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Effort", "Sample", "Subject", "measure"]


@dataclass(frozen=True)
class Subject:
    """Something to be timed again and again."""

    ready: Callable[[], Callable[[], Any]]
    """Prepares one call, which is not timed, and returns what is."""
    check: Callable[[Any], None] = lambda outcome: None
    """Raises where the outcome of a call is not what it should be; not timed either."""
    rows: int | None = None
    """How many rows a call answers, where that may differ from one dataset to another."""


@dataclass(frozen=True)
class Effort:
    """How much is measured: `calls`, or fewer of slow ones once `seconds` are used up, but `least`."""

    calls: int = 200
    least: int = 30
    seconds: float = 10.0
    warm_up: int = 10
    turn: int = 20
    """So many calls are made before the others have their turn: one after the other, as a client makes them,
    and not each with what the others left in the caches of the processor."""


@dataclass
class Sample:
    """Durations in milliseconds, in the order they were measured."""

    durations: list[float] = field(default_factory=list)
    warm_ups: int = 0
    """Calls made before."""

    @property
    def spent(self) -> float:
        """Seconds, all calls together."""
        return sum(self.durations) / 1_000

    @property
    def median(self) -> float:
        return statistics.median(self.durations)

    def percentile(self, percent: float) -> float:
        """The duration within which this share of the calls was done."""
        ordered = sorted(self.durations)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def measure(subjects: Mapping[str, Subject], efforts: Mapping[str, Effort]) -> dict[str, Sample]:
    """Time each subject with its effort, in turns."""
    samples = {name: Sample(warm_ups=_warm_up(subject, efforts[name])) for name, subject in subjects.items()}
    waiting = dict(subjects)
    while waiting:
        for name, subject in list(waiting.items()):
            _take_turn(subject, samples[name], efforts[name])
            if _is_enough(samples[name], efforts[name]):
                del waiting[name]
    return samples


def _take_turn(subject: Subject, sample: Sample, effort: Effort) -> None:
    for _ in range(effort.turn):
        sample.durations.append(_timed(subject))
        if _is_enough(sample, effort):
            return


def _warm_up(subject: Subject, effort: Effort) -> int:
    """Returns how many calls were made."""
    spent, calls = 0.0, 0
    while calls < effort.warm_up and spent < effort.seconds / 10:
        spent += _timed(subject) / 1_000
        calls += 1
    return calls


def _timed(subject: Subject) -> float:
    call = subject.ready()
    start = time.perf_counter()
    outcome = call()
    duration = (time.perf_counter() - start) * 1_000
    subject.check(outcome)
    return duration


def _is_enough(sample: Sample, effort: Effort) -> bool:
    calls = len(sample.durations)
    return calls >= effort.calls or (calls >= effort.least and sample.spent >= effort.seconds)
