from collections.abc import Mapping
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from messaging.index.querysets import StoreQuerySet
from messaging.sql.fields import CodePointField, IdField
from messaging.values.choices import UNFINISHED, JobState

from .workspace import Workspace

UNTRIED: Mapping[str, int] = {"attempts": 0, "failures": 0}
"""Of a job that is to have all its attempts."""


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

    id = IdField(verbose_name=_("id"), prefix="job")
    # Null for the jobs of the store itself. No constraint: checking it would lock the row of the workspace.
    workspace = models.ForeignKey(
        Workspace,
        verbose_name=_("workspace"),
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
        null=True,
        editable=False,
    )
    kind = CodePointField(_("kind"), max_length=100)
    """The name under which its function is registered."""
    schedule_key = CodePointField(_("schedule key"), max_length=100, null=True)
    """Its kind where a schedule made it, so that it stands in the table once; null for other jobs."""
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    """The keyword arguments of the function."""
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    run_at = models.DateTimeField(_("run at"), default=timezone.now)
    """No worker takes it before this moment."""
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    """How often a worker has taken it since it last succeeded."""
    failures = models.PositiveIntegerField(_("failures"), default=0)
    """How many of these attempts raised; the others ended with their workers."""
    max_attempts = models.PositiveIntegerField(_("max attempts"), default=1)
    leased_by = CodePointField(_("leased by"), max_length=255, null=True)
    """The worker that holds the lease: machine, process, and a random part for each lease."""
    lease_until = models.DateTimeField(_("lease until"), null=True)
    heartbeat_at = models.DateTimeField(_("heartbeat at"), null=True)
    """When a worker last prolonged the lease. It stays after the run."""
    is_cancel_requested = models.BooleanField(_("is cancel requested"), default=False)
    """The holder stops at its next opportunity."""
    progress_done = models.BigIntegerField(_("progress done"), null=True)
    progress_total = models.BigIntegerField(_("progress total"), null=True)
    progress_note = CodePointField(_("progress note"), max_length=100, blank=True, default="")
    result = models.JSONField(_("result"), null=True)
    """What the function returned at its last success: an object of counts."""
    error = models.TextField(_("error"), null=True)  # noqa: DJ001  null where the last attempt succeeded
    """Type and origin of what the last attempt raised, without its text, which may quote messages."""
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)
    """When the last attempt ended, however it did."""

    objects = JobQuerySet.as_manager()
    is_read_from_writer = True

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        permissions = [("run_job", "Can run and cancel jobs")]
        constraints = [models.UniqueConstraint(fields=["schedule_key"], name="parley_job_schedule")]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state__in=UNFINISHED), name="parley_job_due"),
        ]

    def __str__(self) -> str:
        return str(self.kind)
