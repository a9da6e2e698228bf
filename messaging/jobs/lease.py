"""Leases: of many workers one runs a job, and one that has lost its lease cannot end it.

The clock of the database is the only one that counts. Every statement is a transaction of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import F
from django.db.models.functions import Now

from messaging.models import Job
from messaging.models.job import UNTRIED, JobQuerySet
from messaging.sql.conditions import OneOf, one_of
from messaging.sql.databases import write_database
from messaging.sql.leases import LATER, NOW, PASSING_OVER
from messaging.sql.statements import Statement
from messaging.values.choices import UNFINISHED, JobState

from .registry import Counts

CLAIM = """
UPDATE {{jobs}} SET
  state = '{running}', attempts = attempts + 1, leased_by = %s, lease_until = {later}, heartbeat_at = {now},
  started_at = {now}, progress_done = NULL, progress_total = NULL, progress_note = ''
WHERE id = (
  SELECT id FROM {{jobs}}
  WHERE state IN ('{queued}', '{running}') AND run_at <= {now} AND (state = '{queued}' OR lease_until < {now})
    AND {kind}
  ORDER BY run_at LIMIT 1 {passing_over}
)
RETURNING {{columns}}
"""
COLUMNS = (
    "id",
    "kind",
    "attempts",
    "failures",
    "leased_by",
    "max_attempts",
    "parameters",
    "schedule_key",
    "is_cancel_requested",
)
FREE: Mapping[str, Any] = {"leased_by": None, "lease_until": None}


class Progress(NamedTuple):
    """What a job shows of itself."""

    done: int | None = None
    total: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """A job in the hands of one worker, for one attempt."""

    job_id: str
    kind: str
    attempt: int
    failures: int
    """Of the attempts before."""
    holder: str
    max_attempts: int
    parameters: Mapping[str, Any]
    schedule_key: str | None
    is_cancel_requested: bool

    def renew(self, seconds: int, progress: Progress, *, is_sound: bool = False) -> bool | None:
        """Prolong it; whether the job is to be cancelled, None where the lease is lost.

        What works again (`is_sound`) has no error any more.
        """
        rows = self._rows().update_returning(
            ("is_cancel_requested",),
            lease_until=Now() + timedelta(seconds=seconds),
            heartbeat_at=Now(),
            progress_done=progress.done,
            progress_total=progress.total,
            progress_note=progress.note[:100],
            **({"error": None} if is_sound else {}),
        )
        return rows[0][0] if rows else None

    def look(self) -> bool | None:
        """The answer of `renew`, without a write."""
        return self._rows().values_list("is_cancel_requested", flat=True).first()

    def succeed(self, result: Counts | None, again_after: timedelta | None) -> bool:
        """End the job, or queue it for its next time; False where the lease was lost."""
        values = {"error": None, "result": None if result is None else dict(result)}
        return self._end(**UNTRIED, **values, **_next_time(again_after, otherwise=JobState.DONE))

    def retry(self, error: str, after: timedelta, *, attempts: int, failures: int) -> bool:
        """Queue the job again after a failed attempt."""
        return self._end(error=error, attempts=attempts, failures=failures, **_next_time(after))

    def fail(self, error: str, again_after: timedelta | None, *, failures: int) -> bool:
        """Give the job up, a scheduled one until its next time."""
        tried = {"failures": failures} if again_after is None else UNTRIED
        return self._end(error=error, **tried, **_next_time(again_after, otherwise=JobState.FAILED))

    def cancel(self) -> bool:
        """End the job as somebody asked."""
        return self._end(state=JobState.CANCELLED, is_cancel_requested=False)

    def give_back(self) -> bool:
        """Queue the job for any other worker at once; the attempt does not count."""
        rows = self._rows()
        return bool(rows.update(state=JobState.QUEUED, run_at=Now(), attempts=F("attempts") - 1, **FREE))

    def _end(self, **values: Any) -> bool:
        return bool(self._rows().update(finished_at=Now(), **FREE, **values))

    def _rows(self) -> JobQuerySet:
        """The row, unless the lease is lost."""
        jobs = Job.objects.using(write_database(Job)).filter(pk=self.job_id)
        return jobs.leased(self.holder, self.attempt)


def claim(kinds: Collection[str], holder: str, seconds: int) -> Lease | None:
    """Take the job of these kinds that is due for the longest time; None where none is due.

    A running job is due when its lease has ended: its worker is dead, or cannot reach the database.
    """
    using = write_database(Job)
    connection = connections[using]
    if connection.vendor == "sqlite" and not _is_due(kinds):  # the claim itself would take the writer's lock
        return None
    [kind_condition] = [one_of("kind", sorted(kinds), connection)]
    rows = _claiming(connection.vendor, seconds, kind_condition[0]).rows(using, [holder, kind_condition[1]])
    return _lease(rows[0]) if rows else None


def _lease(row: tuple[Any, ...]) -> Lease:
    *held, is_cancel_requested = row
    return Lease(*(*held, bool(is_cancel_requested)))


def _is_due(kinds: Collection[str]) -> bool:
    return Job.objects.due().filter(OneOf("kind", kinds)).exists()


def _next_time(after: timedelta | None, *, otherwise: JobState = JobState.QUEUED) -> dict[str, Any]:
    """The columns of a job that is queued again after this time, or ends otherwise."""
    return {"state": otherwise} if after is None else {"state": JobState.QUEUED, "run_at": Now() + after}


@cache
def _claiming(vendor: str, seconds: int, kind_condition: str) -> Statement:
    queued, running = UNFINISHED
    text = CLAIM.format(
        queued=queued.value,
        running=running.value,
        now=NOW[vendor],
        later=LATER[vendor].format(seconds=seconds),
        kind=kind_condition,
        passing_over=PASSING_OVER[vendor],
    )
    return Statement(text, columns=COLUMNS, jobs=Job)
