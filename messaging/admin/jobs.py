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

from messaging.jobs import cancel_jobs, run_now
from messaging.models import Job
from messaging.rights import RUN_JOBS

from .display import above
from .log import log
from .read_only import ReadOnlyAdmin, pretty


@admin.display(description="job, workspace", ordering="kind")
def kind(job: Job) -> SafeString:
    """The name, which may break after an underscore, and whose job it is."""
    name = format_html_join(SafeString("_<wbr>"), "{}", ((word,) for word in job.kind.split("_")))
    return above(name, job.workspace or "the store")


@admin.display(description="state, progress")
def state(job: Job) -> SafeString:
    """The state, and what the last or present run shows of itself."""
    return above(job.get_state_display(), progress(job) or _result(job))


@admin.display(description="progress", empty_value="-")
def progress(job: Job) -> str | None:
    """`3 of 10 files`; None where the job shows none."""
    if job.progress_done is None:
        return None
    total = "" if job.progress_total is None else f" of {job.progress_total:,}"
    return f"{job.progress_done:,}{total} {job.progress_note}".strip()


@admin.display(description="next run", ordering="run_at")
def next_run(job: Job) -> str:
    """When it is due; empty for a job that runs or has ended."""
    return date(localtime(job.run_at), "DATETIME_FORMAT") if job.state == "queued" else ""


@admin.display(description="last run")
def last_run(job: Job) -> SafeString | str:
    """When its last attempt ended, or that it is under way, and the error of the last attempt."""
    ended = date(localtime(job.finished_at), "DATETIME_FORMAT") if job.finished_at else ""
    return above(ended, job.error) if job.error else ended


def _result(job: Job) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in (job.result or {}).items())


def _action(
    name: str, description: str, perform: Callable[[Collection[str]], list[str]], past: str
) -> Callable[["JobAdmin", HttpRequest, QuerySet[Job]], None]:
    """An action of the list: what it does not apply to stays as it is."""

    @admin.action(description=description, permissions=["run"])
    def act(modeladmin: "JobAdmin", request: HttpRequest, queryset: QuerySet[Job]) -> None:
        jobs = dict(queryset.order_by().values_list("pk", "kind"))
        done = perform(jobs)
        log(request.user, Job, [(pk, jobs[pk]) for pk in done], CHANGE, past)
        level = messages.SUCCESS if done else messages.WARNING
        modeladmin.message_user(request, f"{past} {len(done):,} of {len(jobs):,} jobs.", level)

    act.__name__ = name
    return act


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    list_display = (kind, state, next_run, last_run)
    list_filter = ("state", ("kind", admin.AllValuesFieldListFilter))
    list_display_links = (kind,)
    sortable_by = ()  # type: ignore[assignment]
    actions: Any = (
        _action("run_now", "Run selected jobs now, also again", run_now, "Queued"),
        _action("cancel", "Cancel selected jobs", cancel_jobs, "Cancelled"),
    )
    fields = readonly_fields = (
        "id",
        "kind",
        "workspace",
        "state",
        progress,
        "run_at",
        "attempts",
        "max_attempts",
        "error",
        pretty("result"),
        pretty("parameters"),
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
