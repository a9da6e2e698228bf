"""Figures of workspaces, from the kept counters and from index scans."""

from typing import Any

from django.db.models import Aggregate, Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from messaging.models import ApiKey, Conversation, Membership, Workspace

__all__ = ["FIGURES", "with_figures"]

FIGURES = ("conversation_total", "message_total", "active_keys", "members", "last_activity")


def with_figures(workspaces: QuerySet[Workspace]) -> QuerySet[Workspace]:
    """These workspaces, each with FIGURES as its attributes, in the one statement that reads them."""
    conversations = Conversation.objects.filter(workspace=OuterRef("pk"))
    return workspaces.annotate(
        conversation_total=_total(conversations, Count("pk")),
        message_total=_total(conversations, Sum("message_count")),
        active_keys=_total(ApiKey.objects.active().filter(workspace=OuterRef("pk")), Count("pk")),
        members=_total(Membership.objects.filter(workspace=OuterRef("pk")), Count("pk")),
        last_activity=Subquery(conversations.order_by("-updated_at").values("updated_at")[:1]),
    )


def _total(rows: QuerySet[Any], figure: Aggregate) -> Coalesce:
    """An aggregate over the rows of one workspace, 0 where it has none."""
    of_one = rows.order_by().values("workspace").annotate(figure=figure).values("figure")
    return Coalesce(Subquery(of_one), 0)
