"""The items of a page from top to bottom: days, runs and entries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.utils import timezone

from messaging.models import Message, Run

from .entries import Entry
from .reader import Reader

__all__ = ["Day", "Item", "RunBegins", "RunEnds", "timeline"]


@dataclass(frozen=True, slots=True)
class Day:
    """Heads the entries of a day, in the time zone of the reader."""

    kind: ClassVar[str] = "day"
    date: date


@dataclass(frozen=True, slots=True)
class RunBegins:
    """Heads the messages that a run wrote, up to `RunEnds`."""

    kind: ClassVar[str] = "run-begins"
    id: str
    run: Run | None
    """None for a run without a row."""
    url: str
    is_continued: bool
    """It began on an earlier page."""


@dataclass(frozen=True, slots=True)
class RunEnds:
    kind: ClassVar[str] = "run-ends"
    id: str


Item = Day | RunBegins | RunEnds | Entry


def timeline(
    entries: Sequence[Entry],
    *,
    before: Message | None,
    after: Message | None,
    runs: Mapping[str, Run],
    reader: Reader,
) -> Iterator[Item]:
    """The entries in their order with what separates them. `before` and `after` are the page's neighbours."""
    day, run_id = None, None
    for entry in entries:
        message = entry.message
        if run_id and message.run_id != run_id:
            yield RunEnds(run_id)
        if (today := timezone.localdate(message.created_at)) != day:
            day = today
            yield Day(day)
        if message.run_id and message.run_id != run_id:
            continued = entry is entries[0] and before is not None and before.run_id == message.run_id
            yield RunBegins(message.run_id, runs.get(message.run_id), reader.run(message.run_id), continued)
        run_id = message.run_id
        yield entry
    if run_id and not (after is not None and after.run_id == run_id):
        yield RunEnds(run_id)
