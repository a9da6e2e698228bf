"""What staff should know of the jobs of the store: those that failed, and those that no worker takes."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.utils.translation import ngettext

from messaging.models import Job
from messaging.rights import visible_to
from messaging.values.words import grouped

VIEW_JOBS = "parley.view_job"
LATE = timedelta(minutes=10)


def notes_on_jobs(request: HttpRequest) -> Iterator[str]:
    """A sentence on each trouble; none for a user who may not see the jobs."""
    if not request.user.has_perm(VIEW_JOBS):
        return
    jobs = visible_to(request.user, Job.objects.all())
    if failing := jobs.failing().count():
        failed = ngettext("%(count)s job has failed.", "%(count)s jobs have failed.", failing)
        yield failed % {"count": grouped(failing)}
    if waiting := jobs.due(LATE).count():
        late = ngettext(
            "%(count)s job has been due for more than ten minutes: does a worker run?",
            "%(count)s jobs have been due for more than ten minutes: does a worker run?",
            waiting,
        )
        yield late % {"count": grouped(waiting)}
