"""The figures of the store for staff: on the index, on the page of a workspace, and on a page apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format

from messaging.admin.typed import Context, TypedAdmin
from messaging.models import Workspace
from messaging.reports import (
    ROLES,
    ActivityReport,
    Bucket,
    Period,
    Unit,
    activity_report,
)
from messaging.rights import reachable_workspaces

from .charts import Bar, Chart, bar_chart

__all__ = ["VIEW", "DashboardPage", "Figures", "PeriodForm", "dashboard_context"]

VIEW = "parley.view_message"
PAGE = "admin:parley_dashboard"
TRANSCRIPT = "admin:parley_conversation_transcript"
PRESETS = {"7 days": 7, "30 days": 30, "90 days": 90, "A year": 365}
USUAL, MOST = 30, 3_660
"""Days that are shown by default, and at most."""
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)
SERIES = (*ROLES, "other")


@dataclass(frozen=True, slots=True)
class Figures:
    """One chart with the table behind it."""

    name: str
    title: str
    series: Sequence[str]
    chart: Chart
    columns: Sequence[tuple[str, Bar]]
    """(name of the day, week or month; its bar)"""

    @property
    def peak(self) -> tuple[str, Bar]:
        return max(self.columns, key=lambda column: column[1].total)


class PeriodForm(forms.Form):
    """The days that the query of a page asks for: `days`, or `from` and `to`."""

    days = forms.IntegerField(min_value=1, max_value=MOST, required=False)

    def __init__(self, data: Mapping[str, str], *, today: date) -> None:
        super().__init__(dict(data.items()))
        self.today = today
        for name in ("from", "to"):  # `from` is a keyword of Python, so no class body can name the field
            widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            self.fields[name] = forms.DateField(
                required=False,
                input_formats=["%Y-%m-%d"],
                widget=widget,
                validators=[_require_common],
                error_messages={"invalid": f"“{name}” is not a date. Write it as in 2024-12-31."},
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not self.errors and (given.get("from") or given.get("to")):
            until = given.get("to") or self.today
            self._check(given.get("from") or until - timedelta(days=USUAL - 1), until)
        return given

    def period(self) -> Period:
        """The days asked for; the last 30 where the query asks for none, or is not valid."""
        given = self.cleaned_data if self.is_valid() else {}
        if given.get("from") or given.get("to"):
            until = given.get("to") or self.today
            return Period(given.get("from") or until - timedelta(days=USUAL - 1), until)
        return Period.of_days(given.get("days") or USUAL, until=self.today)

    def _check(self, since: date, until: date) -> None:
        if since > until:
            raise forms.ValidationError("The first day is after the last one.")
        if (until - since).days >= MOST:
            raise forms.ValidationError("Ten years are the most that can be shown at once.")


def _require_common(day: date) -> None:
    """Refuses days near the ends of the calendar, which have no neighbour and fit no other time zone."""
    if not EARLIEST <= day <= LATEST:
        raise forms.ValidationError("Days of the years 1900 to 2999 can be shown.")


class DashboardPage(TypedAdmin[Workspace]):
    """Adds the URL `admin:parley_dashboard` to an admin."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.dashboard_view)
        return [path("dashboard/", view, name="parley_dashboard"), *super().get_urls()]

    def dashboard_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": "Activity", "opts": self.model._meta}
        return TemplateResponse(request, "admin/parley/dashboard.html", context)


def dashboard_context(request: HttpRequest, workspace: Workspace | None = None) -> Context:
    """What the template shows; empty for a user who may not read the messages."""
    reachable = reachable_workspaces(request.user)
    scope = reachable if workspace is None else [workspace.pk]
    if not request.user.has_perm(VIEW) or not _is_within(scope, reachable):
        return {}
    form = PeriodForm(request.GET, today=timezone.localdate(timezone=timezone.get_default_timezone()))
    period = form.period()
    report = activity_report(period=period, workspace_ids=scope)
    return {
        "report": report,
        "figures": _figures(report),
        "form": form,
        "presets": [
            (label, days, period == Period.of_days(days, until=form.today)) for label, days in PRESETS.items()
        ],
        "shows_workspaces": scope is None or len(scope) > 1,
        "transcript": _transcript(),
        "page": _page(request) if workspace is None else "",
    }


def _is_within(scope: Sequence[str] | None, reachable: Sequence[str] | None) -> bool:
    return reachable is None or (scope is not None and set(scope) <= set(reachable))


def _page(request: HttpRequest) -> str:
    """The address of the dashboard's own page; nothing on that page, or where there is none."""
    try:
        page = reverse(PAGE, current_app=getattr(request, "current_app", None))
    except NoReverseMatch:
        return ""
    return "" if request.path == page else page


def _transcript() -> str:
    """The page under which a conversation is read."""
    try:
        reverse(TRANSCRIPT, args=["any"])
    except NoReverseMatch:
        return "admin:parley_conversation_change"
    return TRANSCRIPT


def _figures(report: ActivityReport) -> list[Figures]:
    unit, steps = report.period.unit, report.steps
    return [
        _drawn(report, "messages", f"Messages per {unit} by role", SERIES, [step.by_role for step in steps]),
        _drawn(
            report,
            "conversations",
            f"New conversations per {unit}",
            ("conversations",),
            [(step.conversations,) for step in steps],
        ),
        _drawn(
            report,
            "tool-errors",
            f"Tool errors per {unit}",
            ("errors",),
            [(step.tool_errors,) for step in steps],
        ),
    ]


def _drawn(
    report: ActivityReport, name: str, title: str, series: Sequence[str], rows: Sequence[Sequence[int]]
) -> Figures:
    chart = bar_chart(rows)
    labels = [_label(report.period.unit, step.bucket) for step in report.steps]
    return Figures(name, title, series, chart, list(zip(labels, chart.bars, strict=True)))


def _label(unit: Unit, bucket: Bucket) -> str:
    """The name of a column: a day, the days of a week, or a month."""
    if unit == "month":
        return date_format(bucket.since, "YEAR_MONTH_FORMAT")
    days = [date_format(day) for day in (bucket.since, bucket.until)]
    return days[0] if bucket.since == bucket.until else " – ".join(days)
