from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from messaging.index.querysets import StoreQuerySet
from messaging.sql.fields import CodePointField, IdField
from messaging.values.choices import UNFINISHED, JobState

from .workspace import Workspace


class JobQuerySet(StoreQuerySet["Job"]):
    def leased(self, holder: str, attempt: int) -> Self:
        """The job as long as this holder has the lease of this attempt."""
        return self.filter(state=JobState.RUNNING, leased_by=holder, attempts=attempt)

    def due(self, late: timedelta = timedelta()) -> Self:
        """Jobs that a worker may take, by the clock of the database, and might have for so long."""
        moment = Now() - late
        is_free = Q(state=JobState.QUEUED) | Q(lease_until__lt=moment)
        return self.filter(is_free, state__in=UNFINISHED, run_at__lte=moment)

    def failing(self) -> Self:
        """Jobs that were given up, and jobs at times whose last attempt failed."""
        is_at_times = Q(schedule_key__isnull=False) & ~Q(state=JobState.CANCELLED)
        return self.filter(Q(state=JobState.FAILED) | is_at_times).exclude(error=None)


class Job(models.Model):
    """Work that a worker does once, at times, or for as long as there are workers.

    Whoever holds the lease runs it; the clock of the database decides when a lease ends.
    """

    id = IdField(prefix="job")
    # Null for the jobs of the store itself. No constraint: checking it would lock the row of the workspace.
    workspace = models.ForeignKey(
        Workspace,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        null=True,
        editable=False,
    )
    kind = CodePointField(max_length=100)
    """The name under which its function is registered."""
    schedule_key = CodePointField(max_length=100, null=True)
    """Its kind where a schedule made it, so that it stands in the table once; null for other jobs."""
    parameters = models.JSONField(default=dict, blank=True)
    """The keyword arguments of the function."""
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    run_at = models.DateTimeField(default=timezone.now)
    """No worker takes it before this moment."""
    attempts = models.PositiveIntegerField(default=0)
    """How often a worker has taken it since it last succeeded."""
    max_attempts = models.PositiveIntegerField(default=1)
    leased_by = CodePointField(max_length=255, null=True)
    """The worker that holds the lease: machine, process, and a random part for each lease."""
    lease_until = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    """When a worker last prolonged the lease. It stays after the run."""
    is_cancel_requested = models.BooleanField(default=False)
    """The holder stops at its next opportunity."""
    progress_done = models.BigIntegerField(null=True)
    progress_total = models.BigIntegerField(null=True)
    progress_note = CodePointField(max_length=100, blank=True, default="")
    result = models.JSONField(null=True)
    """What the function returned at its last success: an object of counts."""
    error = models.TextField(null=True)  # noqa: DJ001  null where the last attempt succeeded
    """Type and origin of what the last attempt raised, without its text, which may quote messages."""
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    """When the last attempt ended, however it did."""

    objects = JobQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        permissions = [("run_job", "Can run and cancel jobs")]
        constraints = [models.UniqueConstraint(fields=["schedule_key"], name="parley_job_schedule")]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state__in=UNFINISHED), name="parley_job_due"),
        ]

    def __str__(self) -> str:
        return str(self.kind)
