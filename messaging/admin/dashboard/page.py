"""The dashboard: on the index of the admin, on the page of a workspace, and on a page of its own."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from messaging.admin.pages import address_of
from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Context, StrOrPromise
from messaging.models import Workspace
from messaging.reports import Period, activity_report
from messaging.rights import reachable_workspaces

from .charts import UNITS, figures_of
from .feedback import feedback_figures
from .jobs import notes_on_jobs
from .memories import memory_figures
from .period import PeriodForm
from .webhooks import notes_on_webhooks

VIEW = "parley.view_message"
PAGE = "admin:parley_dashboard"
TRANSCRIPT, CHANGE = "admin:parley_conversation_transcript", "admin:parley_conversation_change"
PRESETS = {_("7 days"): 7, _("30 days"): 30, _("90 days"): 90, _("A year"): 365}


class DashboardPage(StaffAdmin[Workspace]):
    """Adds the URL `admin:parley_dashboard` to an admin."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.dashboard_view)
        return [path("dashboard/", view, name="parley_dashboard"), *super().get_urls()]

    def dashboard_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return self.page(request, "dashboard", gettext("Activity"))


def dashboard_context(request: HttpRequest, workspace: Workspace | None = None) -> Context:
    """What the template shows; empty for a user who may not read the messages."""
    reachable = reachable_workspaces(request.user)
    scope = reachable if workspace is None else [workspace.pk]
    if not request.user.has_perm(VIEW) or not _is_within(scope, reachable):
        return {}
    form = PeriodForm(request.GET, today=timezone.localdate(timezone=timezone.get_default_timezone()))
    period = form.period()
    report = activity_report(period=period, workspace_ids=scope)
    page = address_of(PAGE, site=getattr(request, "current_app", None))
    return {
        "report": report,
        "figures": figures_of(report),
        "unit": UNITS[report.period.unit],
        "form": form,
        "presets": _presets(period, form.today),
        "shows_workspaces": scope is None or len(scope) > 1,
        "conversation_page": TRANSCRIPT if address_of(TRANSCRIPT, "any") else CHANGE,
        "page": page if workspace is None and request.path != page else "",
        "notes_on_jobs": list(notes_on_jobs(request)) if workspace is None else [],
        "feedback": feedback_figures(request, workspace, period),
        "memories": memory_figures(request, workspace),
        "notes_on_webhooks": list(notes_on_webhooks(request)) if workspace is None else [],
    }


def _presets(period: Period, today: date) -> list[tuple[StrOrPromise, int, bool]]:
    """(label, days, whether it is the period that is shown)."""
    return [(label, days, period == Period.of_days(days, until=today)) for label, days in PRESETS.items()]


def _is_within(scope: Sequence[str] | None, reachable: Sequence[str] | None) -> bool:
    return reachable is None or (scope is not None and set(scope) <= set(reachable))
