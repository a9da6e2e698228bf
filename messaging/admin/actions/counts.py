"""How many rows an action affects: counted by the database, never loaded."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from messaging.admin.typed import StrOrPromise
from messaging.models import (
    ApiKey,
    Conversation,
    ConversationQuerySet,
    Membership,
    Message,
    MessageQuerySet,
    Part,
    Run,
    StoredObject,
    Workspace,
)

Counts = dict[StrOrPromise, int]
"""Numbers by what they count."""
HELD = _("conversations that an active run holds")


def below_messages(messages: MessageQuerySet) -> Counts:
    """The rows that a deletion of these messages removes, themselves included."""
    each = messages.order_by().values_list("workspace").annotate(Count("pk"))
    totals = {str(workspace): count for workspace, count in each}
    return {_("messages"): sum(totals.values()), **_present(_belonging(messages, list(totals)))}


def below_conversations(conversations: ConversationQuerySet) -> Counts:
    """The same of conversations; their messages by the kept counters, which are exact."""
    workspaces, totals = _totals(conversations)
    own = conversations.order_by().filter(workspace__in=workspaces).values("pk")
    messages = Message.objects.filter(workspace__in=workspaces, conversation__in=own)
    runs = Run.objects.filter(workspace__in=workspaces, conversation__in=own)
    return {
        _("conversations"): totals["conversations"],
        _("messages"): totals["messages"],
        **_present({HELD: totals["held"], _("runs"): runs.count(), **_belonging(messages, workspaces)}),
    }


def with_held(conversations: ConversationQuerySet) -> Counts:
    """The number of conversations, and of those that active runs hold."""
    totals = _totals(conversations)[1]
    return {_("conversations"): totals["conversations"], **_present({HELD: totals["held"]})}


def below_workspaces(workspaces: QuerySet[Workspace]) -> Counts:
    """The rows that a deletion of these workspaces removes."""
    keys = list(workspaces.values_list("pk", flat=True))
    return {
        _("workspaces"): len(keys),
        **below_conversations(Conversation.objects.filter(workspace__in=keys)),
        _("API keys"): ApiKey.objects.filter(workspace__in=keys).count(),
        **_present({_("memberships"): Membership.objects.filter(workspace__in=keys).count()}),
    }


def _totals(conversations: ConversationQuerySet) -> tuple[list[str], dict[str, int]]:
    """The workspaces of these conversations, for further statements to name, and what the rows tell."""
    figures: dict[str, Any] = {
        "conversations": Count("pk"),
        "messages": Sum("message_count"),
        "held": Count("active_run"),
    }
    each = list(conversations.order_by().values_list("workspace").annotate(*figures.values()))
    sums = [sum(column) for column in list(zip(*each, strict=True))[1:]] or [0] * len(figures)
    return [row[0] for row in each], dict(zip(figures, sums, strict=True))


def _belonging(messages: MessageQuerySet, workspaces: Sequence[str]) -> Counts:
    own = messages.filter(workspace__in=workspaces)
    parts = Part.objects.filter(workspace__in=workspaces, message__in=own.filter(has_parts=True))
    objects = StoredObject.objects.filter(workspace__in=workspaces, message__in=own)
    return {_("parts"): parts.count(), _("stored objects"): objects.count()}


def _present(counts: Counts) -> Counts:
    return {name: count for name, count in counts.items() if count}
