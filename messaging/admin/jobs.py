"""The admin of jobs: what is done when, how far it is, and what went wrong; read-only but for its actions."""

from collections.abc import Callable, Collection
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import date
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from messaging.jobs import cancel_jobs, run_now
from messaging.models import Job
from messaging.rights import RUN_JOBS
from messaging.values.words import grouped

from .display import above
from .log import log
from .read_only import ReadOnlyAdmin, pretty
from .typed import StrOrPromise

COUNTED = (gettext_noop("removed"), gettext_noop("failed"))
"""What our own jobs count."""


@admin.display(description=_("job, workspace"), ordering="kind")
def kind(job: Job) -> SafeString:
    """The name, which may break after an underscore, and whose job it is."""
    name = format_html_join(SafeString("_<wbr>"), "{}", ((word,) for word in job.kind.split("_")))
    return above(name, job.workspace or gettext("the store"))


@admin.display(description=_("state, progress"))
def state(job: Job) -> SafeString:
    """The state, and what the last or present run shows of itself."""
    return above(job.get_state_display(), progress(job) or _result(job))


@admin.display(description=_("progress"), empty_value="-")
def progress(job: Job) -> str | None:
    """`3 of 10 files`; None where the job shows none."""
    if job.progress_done is None:
        return None
    done, total = grouped(job.progress_done), job.progress_total
    figures = {"done": done, "total": grouped(total or 0)}
    shown = done if total is None else gettext("%(done)s of %(total)s") % figures
    return f"{shown} {_named(job.progress_note)}".strip()


@admin.display(description=_("next run"), ordering="run_at")
def next_run(job: Job) -> str:
    """When it is due; empty for a job that runs or has ended."""
    return date(localtime(job.run_at), "DATETIME_FORMAT") if job.state == "queued" else ""


@admin.display(description=_("last run"))
def last_run(job: Job) -> SafeString | str:
    """When its last attempt ended, or that it is under way, and the error of the last attempt."""
    ended = date(localtime(job.finished_at), "DATETIME_FORMAT") if job.finished_at else ""
    return above(ended, job.error) if job.error else ended


def _result(job: Job) -> str:
    return ", ".join(f"{grouped(count)} {_named(name)}" for name, count in (job.result or {}).items())


def _named(counted: str) -> str:
    """What a job of ours has counted; a host's job names it in its own words."""
    return gettext(counted) if counted in COUNTED else counted


def _action(
    name: str, description: StrOrPromise, perform: Callable[[Collection[str]], list[str]], past: StrOrPromise
) -> Callable[["JobAdmin", HttpRequest, QuerySet[Job]], None]:
    """An action of the list: what it does not apply to stays as it is."""

    @admin.action(description=description, permissions=["run"])
    def act(modeladmin: "JobAdmin", request: HttpRequest, queryset: QuerySet[Job]) -> None:
        jobs = dict(queryset.order_by().values_list("pk", "kind"))
        done = perform(jobs)
        log(request.user, Job, [(pk, jobs[pk]) for pk in done], CHANGE, str(past))
        level = messages.SUCCESS if done else messages.WARNING
        report = {"past": past, "done": grouped(len(done)), "total": grouped(len(jobs))}
        modeladmin.message_user(request, gettext("%(past)s %(done)s of %(total)s jobs.") % report, level)

    act.__name__ = name
    return act


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    list_display = (kind, state, next_run, last_run)
    list_filter = ("state", ("kind", admin.AllValuesFieldListFilter))
    list_display_links = (kind,)
    sortable_by = ()  # type: ignore[assignment]
    actions: Any = (
        _action("run_now", _("Run selected jobs now, also again"), run_now, _("Queued")),
        _action("cancel", _("Cancel selected jobs"), cancel_jobs, _("Cancelled")),
    )
    fields = readonly_fields = (
        "id",
        "kind",
        "workspace",
        "state",
        progress,
        "run_at",
        "attempts",
        "failures",
        "max_attempts",
        "error",
        pretty(Job, "result"),
        pretty(Job, "parameters"),
        "created_at",
        "started_at",
        "finished_at",
        "leased_by",
        "lease_until",
        "heartbeat_at",
        "is_cancel_requested",
    )

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Whether this person may run and cancel jobs."""
        return request.user.has_perm(RUN_JOBS)
