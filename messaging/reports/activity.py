"""Who wrote how much, when and where: a fixed number of statements, each a scan of one index."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import TruncDate
from django.utils import timezone

from messaging.models import (
    Conversation,
    ConversationQuerySet,
    Message,
    MessageQuerySet,
    Part,
    Workspace,
    name_untitled,
)
from messaging.models.part import PartQuerySet

from .counting import counts_within
from .period import Bucket, Period

ROLES = ("user", "assistant", "tool", "system")
"""Those that are counted apart; what has any other role is counted as `other`."""
RECENT = timedelta(hours=24)
ToolErrors = Sequence[tuple[date, str, int]]
"""(day, name of the tool or empty, how many)"""
FEW = 100
"""Up to so many workspaces are named one by one, from which the planner knows how much there is of each."""


@dataclass(frozen=True, slots=True)
class Step:
    """A day, week or month of the period."""

    bucket: Bucket
    by_role: tuple[int, ...]
    """Messages of the roles user, assistant, tool, system, and of all others together."""
    conversations: int
    """So many began."""
    tool_errors: int

    @property
    def messages(self) -> int:
        return sum(self.by_role)


@dataclass(frozen=True, slots=True)
class SenderActivity:
    sender_id: str
    messages: int
    """Written by this sender within the period."""


@dataclass(frozen=True, slots=True)
class ActivityReport:
    """What was written within a period. All figures but `recent_conversations` are of the period."""

    period: Period
    zone: str
    """The days are those of this time zone."""
    steps: Sequence[Step]
    conversations: int
    """So many had begun by its end and were written to or changed since its beginning."""
    recent_conversations: int
    """Created, written to or changed in the last 24 hours."""
    senders: int
    top_senders: Sequence[SenderActivity]
    largest: Sequence[Conversation]
    """Of the conversations of the period those with the most messages of all times; with their workspace, and
    with the first line of those without a title as their name."""
    failing_tools: Sequence[tuple[str, int]] = field(default=())
    """(name of the tool, its errors), the most first; of tools without a name the name is empty."""

    @property
    def messages(self) -> int:
        return sum(step.messages for step in self.steps)

    @property
    def tool_errors(self) -> int:
        return sum(step.tool_errors for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Whose rows, and from which moment until before which other."""

    workspace_ids: Sequence[str] | None
    since: datetime
    until: datetime

    def of(self, rows: Any) -> Any:
        """Those of the workspaces. All of them are named, too: the indexes begin with the workspace."""
        if self.workspace_ids is None:
            return rows.filter(workspace__in=Workspace.objects.order_by().values("pk"))
        if len(self.workspace_ids) == 1:
            return rows.for_workspace(self.workspace_ids[0])
        return rows.filter(workspace__in=self.workspace_ids)

    def messages(self) -> Any:
        return self.of(Message.objects.filter(created_at__gte=self.since, created_at__lt=self.until))

    def conversations(self) -> Any:
        return self.of(Conversation.objects.filter(updated_at__gte=self.since, created_at__lt=self.until))


def activity_report(
    *, period: Period, workspace_ids: Sequence[str] | None = None, top: int = 8
) -> ActivityReport:
    """The figures of these workspaces, or with None of all; `top` bounds its lists.

    Days are those of the time zone of the project, `TIME_ZONE`.
    """
    zone = timezone.get_default_timezone()
    since, until = period.bounds(zone)
    if workspace_ids is None:
        workspace_ids = _all_if_few()
    scope = _Scope(workspace_ids, since, until)
    errors = _tool_errors(scope)
    senders, top_senders = _senders(scope, top)
    active = scope.conversations()
    return ActivityReport(
        period=period,
        zone=str(zone),
        steps=_steps(workspace_ids, period, zone, errors),
        conversations=active.count(),
        recent_conversations=_recent(scope),
        senders=senders,
        top_senders=top_senders,
        largest=_largest(active, top),
        failing_tools=_failing_tools(errors, top),
    )


def _all_if_few() -> Sequence[str] | None:
    """The ids of all workspaces, or None where there are many."""
    ids = list(Workspace.objects.order_by().values_list("pk", flat=True)[: FEW + 1])
    return ids if len(ids) <= FEW else None


def _steps(
    workspace_ids: Sequence[str] | None, period: Period, zone: tzinfo, errors: ToolErrors
) -> list[Step]:
    buckets = period.buckets()
    spans = [bucket.bounds(zone) for bucket in buckets]
    written = counts_within(spans, Message, workspace_ids, each={"role": ROLES})
    begun = counts_within(spans, Conversation, workspace_ids)
    failed: Counter[Any] = Counter()
    for day, _, count in errors:
        failed[period.key_of(day)] += count
    return [
        Step(
            bucket,
            (*by_role, total - sum(by_role)),
            conversations=conversations,
            tool_errors=failed[bucket.key],
        )
        for bucket, (total, *by_role), [conversations] in zip(buckets, written, begun, strict=True)
    ]


def _senders(scope: _Scope, top: int) -> tuple[int, list[SenderActivity]]:
    """(how many there are, those with the most messages)."""
    groups = scope.messages().order_by().values("sender_id")
    groups = groups.annotate(messages=Count("*"), groups=Window(Count("*"))).order_by(
        "-messages", "sender_id"
    )
    top_groups = list(groups.values_list("sender_id", "messages", "groups")[:top])
    return top_groups[0][2] if top_groups else 0, [
        SenderActivity(sender_id, count) for sender_id, count, _ in top_groups
    ]


def _recent(scope: _Scope) -> int:
    count: int = scope.of(Conversation.objects.filter(updated_at__gte=timezone.now() - RECENT)).count()
    return count


def _largest(active: ConversationQuerySet, top: int) -> list[Conversation]:
    """Those with the most messages; those without a title name themselves by their first line."""
    largest = list(active.select_related("workspace").order_by("-message_count", "-id")[:top])
    name_untitled(largest)
    return largest


def _tool_errors(scope: _Scope) -> ToolErrors:
    """What failed, by day and tool, in parts and in messages without parts; the days are those of the time
    zone of the period."""
    parts = Part.objects.failed_within(scope.since, scope.until)
    messages = Message.objects.failed_within(scope.since, scope.until)
    each = (
        _by_day(scope, parts, "failed_at", "tool_name"),
        _by_day(scope, messages, "created_at", "failed_tool"),
    )
    return [(day, tool or "", count) for day, tool, count in each[0].union(each[1], all=True)]


def _by_day(
    scope: _Scope, failed: PartQuerySet | MessageQuerySet, moment: str, tool: str
) -> QuerySet[Any, tuple[date, str | None, int]]:
    """(day, name of the tool, how many) of these rows."""
    rows = scope.of(failed).order_by().values(day=TruncDate(moment, tzinfo=scope.since.tzinfo), tool=F(tool))
    counts: QuerySet[Any, tuple[date, str | None, int]] = rows.annotate(count=Count("*"))
    return counts.values_list("day", "tool", "count")


def _failing_tools(errors: ToolErrors, top: int) -> list[tuple[str, int]]:
    by_tool: Counter[str] = Counter()
    for _, tool, count in errors:
        by_tool[tool] += count
    return by_tool.most_common(top)
