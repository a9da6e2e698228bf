"""Jobs as rows: what there is to do, and what staff decide about it. No statement here runs a job."""

import random
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from messaging.conf import parley_settings
from messaging.models import Job
from messaging.models.job import UNTRIED, JobQuerySet
from messaging.sql.databases import write_database
from messaging.values.choices import UNFINISHED, JobState

from .registry import Kind, kind_of, kinds, require_parameters

BATCH = 500
LONGEST_BACK_OFF = timedelta(hours=1)
SHORTEST_BACK_OFF = timedelta(seconds=10)


def enqueue(
    kind: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    workspace_id: str | None = None,
    run_at: datetime | None = None,
) -> Job:
    """Have a worker run a job, at this moment at the earliest; within a transaction, once that commits.

    Raises LookupError for a kind that nobody registered, TypeError for parameters that it does not take.
    """
    registered, given = kind_of(kind), dict(parameters or {})
    require_parameters(registered, given)
    using = write_database(Job)
    queued = Job.objects.using(using).create(
        kind=kind,
        parameters=given,
        workspace_id=workspace_id,
        run_at=run_at or Now(),  # by the clock that tells what is due
        max_attempts=registered.max_attempts,
    )
    queued.refresh_from_db(using=using, fields=["run_at"])
    return queued


def ensure_schedule() -> None:
    """Have one row for each kind that is run at times, however many workers begin at once."""
    using = write_database(Job)
    vendor = connections[using].vendor
    scheduled = {name: kind for name, kind in kinds().items() if kind.every and vendor in kind.vendors}
    known = Job.objects.using(using).filter(schedule_key__in=scheduled).values_list("schedule_key", flat=True)
    missing = [_scheduled(scheduled[name]) for name in scheduled.keys() - set(known)]
    Job.objects.using(using).bulk_create(missing, ignore_conflicts=True)


def run_now(job_ids: Collection[str]) -> list[str]:
    """Queue these jobs for now, those that have ended too, with all their attempts; returns which.

    A job that is running is left alone.
    """
    jobs = _jobs(job_ids).exclude(state=JobState.RUNNING)
    return _changed(jobs, state=JobState.QUEUED, run_at=Now(), **UNTRIED, is_cancel_requested=False)


def cancel_jobs(job_ids: Collection[str]) -> list[str]:
    """Cancel these jobs, a queued one at once, a running one at its next opportunity; returns which.

    A scheduled job stays cancelled until somebody runs it.
    """
    is_queued = Q(state=JobState.QUEUED)
    return _changed(
        _jobs(job_ids).filter(state__in=UNFINISHED),
        is_cancel_requested=Case(When(is_queued, then=False), default=True),
        finished_at=Case(When(is_queued, then=Now()), default=F("finished_at")),
        state=Case(When(is_queued, then=Value(JobState.CANCELLED)), default=F("state")),
    )


def remove_old_jobs(limit: int = BATCH) -> int:
    """Delete jobs that ended long ago, and rows of a schedule whose kind no worker has any more.

    At most so many; returns how many.
    """
    late = Now() - timedelta(days=parley_settings().jobs_kept_days)
    ended = Job.objects.filter(finished_at__lt=late, schedule_key=None).exclude(state__in=UNFINISHED)
    disused = Job.objects.filter(state=JobState.QUEUED, run_at__lt=late).exclude(schedule_key=None)
    return sum(rows.filter(pk__in=rows.values("pk")[:limit]).delete_rows() for rows in (ended, disused))


def back_off(failures: int) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, with jitter of a half."""
    doubled: timedelta = SHORTEST_BACK_OFF * 2 ** min(failures - 1, 20)
    return min(doubled, LONGEST_BACK_OFF) * random.uniform(0.5, 1.5)  # noqa: S311  no secret


def _scheduled(kind: Kind) -> Job:
    return Job(kind=kind.name, schedule_key=kind.name, max_attempts=kind.max_attempts)


def _changed(jobs: JobQuerySet, **values: Any) -> list[str]:
    try:
        return [job_id for [job_id] in jobs.update_returning(("id",), **values)]
    except EmptyResultSet:  # no ids were given
        return []


def _jobs(job_ids: Collection[str]) -> JobQuerySet:
    return Job.objects.using(write_database(Job)).filter(pk__in=job_ids)
