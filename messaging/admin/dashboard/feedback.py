"""What people and evaluators thought of messages in a period, for who may see that."""

from typing import NamedTuple

from django.db.models import Avg, Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from messaging.models import Feedback, Workspace
from messaging.reports import Period
from messaging.rights import visible_to
from messaging.values.choices import FeedbackType

VIEW_FEEDBACK = "parley.view_feedback"
MOST = 10_000
"""So much is looked at, the newest: a page of figures does not read a table."""
NAMES = 8
COLUMNS = ("name", "data_type", "given", "mean")


class Rated(NamedTuple):
    """What feedback under one name, of one kind, says together."""

    name: str
    number: int
    mean: float | None
    """Of numbers; None for words."""
    share: float | None
    """The percentage of truth values that are true."""


def feedback_figures(request: HttpRequest, workspace: Workspace | None, period: Period) -> list[Rated]:
    """Of a workspace, or of all that the user sees, the most frequent names first; none for a user who may
    not see feedback."""
    if not request.user.has_perm(VIEW_FEEDBACK):
        return []
    since, until = period.bounds(timezone.get_default_timezone())
    newest = visible_to(request.user, Feedback.objects.order_by("-pk"))
    if workspace is not None:
        newest = newest.for_workspace(workspace.pk).filter(created_at__lt=until)
        newest = newest.order_by("-created_at", "-pk")
    rows = Feedback.objects.filter(pk__in=newest.values("pk")[:MOST])
    return [*map(_rated, _groups(rows.filter(created_at__gte=since, created_at__lt=until)))]


def _groups(rows: QuerySet[Feedback]) -> list[tuple[str, str, int, float | None]]:
    """(name, kind of value, how many, their mean)."""
    groups = rows.order_by().values("name", "data_type").annotate(given=Count("pk"), mean=Avg("number"))
    return list(groups.order_by("-given", "name", "data_type").values_list(*COLUMNS)[:NAMES])


def _rated(group: tuple[str, str, int, float | None]) -> Rated:
    name, kind, number, mean = group
    if kind == FeedbackType.BOOLEAN and mean is not None:
        return Rated(name, number, None, mean * 100)
    return Rated(name, number, mean, None)
