"""What staff should know of the jobs of the store: those that failed, and those that no worker takes."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest

from messaging.models import Job
from messaging.rights import visible_to

VIEW_JOBS = "parley.view_job"
LATE = timedelta(minutes=10)


def notes_on_jobs(request: HttpRequest) -> Iterator[str]:
    """A sentence on each trouble; none for a user who may not see the jobs."""
    if not request.user.has_perm(VIEW_JOBS):
        return
    jobs = visible_to(request.user, Job.objects.all())
    if failing := jobs.failing().count():
        yield f"{_have(failing)} failed."
    if waiting := jobs.due(LATE).count():
        yield f"{_have(waiting)} been due for more than ten minutes: does a worker run?"


def _have(count: int) -> str:
    return "1 job has" if count == 1 else f"{count:,} jobs have"
