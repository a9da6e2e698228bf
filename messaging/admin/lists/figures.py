"""Figures of workspaces, from the kept counters and walks of indexes."""

from typing import Any

from django.db.models import Aggregate, Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from messaging.models import ApiKey, Conversation, Membership
from messaging.models.totals import kept_total_of_all
from messaging.rights import reachable_workspaces

__all__ = ["FIGURES", "kept_of_list", "with_figures"]

FIGURES = ("conversation_total", "message_total", "active_keys", "members", "last_activity")


def with_figures(workspaces: Any) -> Any:
    """These workspaces, each with FIGURES as its attributes, in the one statement that reads them."""
    conversations = Conversation.objects.filter(workspace=OuterRef("pk"))
    return workspaces.annotate(
        conversation_total=_total(conversations, Count("pk")),
        message_total=_total(conversations, Sum("message_count")),
        active_keys=_total(ApiKey.objects.active().filter(workspace=OuterRef("pk")), Count("pk")),
        members=_total(Membership.objects.filter(workspace=OuterRef("pk")), Count("pk")),
        last_activity=Subquery(conversations.order_by("-updated_at").values("updated_at")[:1]),
    )


def kept_of_list(column: str, user: Any, workspace_id: str | None) -> int:
    """How many `conversations` or `messages` this user sees in the workspace, or in all without one."""
    reachable = reachable_workspaces(user)
    if workspace_id is not None:
        reachable = [workspace_id] if reachable is None or workspace_id in reachable else []
    return kept_total_of_all(column, reachable)


def _total(rows: Any, figure: Aggregate) -> Coalesce:
    """An aggregate over the rows of one workspace, 0 where it has none."""
    of_one = rows.order_by().values("workspace").annotate(figure=figure).values("figure")
    return Coalesce(Subquery(of_one), 0)
