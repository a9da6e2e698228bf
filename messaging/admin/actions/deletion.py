"""How many rows a deletion removes: counted by the database, never loaded."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from messaging.admin.tenancy import StaffAdmin
from messaging.admin.typed import Row
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

__all__ = ["CountedDeletion", "below_conversations", "below_messages", "below_workspaces", "held"]

Deletion = tuple[list[str], dict[str, int], set[str], list[str]]
"""What Django's page of a deletion shows: (rows, counts by plural name, missing rights, protected rows)."""
HELD = "conversations that an active run holds"


class CountedDeletion(StaffAdmin[Row]):
    """Counts what a deletion removes, where Django would load and list every row that goes."""

    below: Callable[[Any], dict[str, int]]
    """The rows that go with a queryset, counted by plural name."""

    def get_deleted_objects(self, objs: Sequence[Row] | QuerySet[Row], request: HttpRequest) -> Deletion:
        rows = self.model._default_manager.filter(pk__in=[obj.pk for obj in objs])
        return [str(obj) for obj in objs], self.below(rows), set(), []


def below_messages(messages: MessageQuerySet) -> dict[str, int]:
    """The rows that a deletion of these messages removes, themselves included."""
    return {"messages": messages.count(), **_present(_belonging(messages))}


def below_conversations(conversations: ConversationQuerySet) -> dict[str, int]:
    """The same of conversations; their messages by the kept counters, which are exact."""
    messages = Message.objects.filter(conversation__in=conversations.order_by().values("pk"))
    runs = Run.objects.filter(conversation__in=conversations.order_by().values("pk"))
    return {
        "conversations": conversations.count(),
        "messages": conversations.total_messages(),
        **held(conversations),
        **_present({"runs": runs.count(), **_belonging(messages)}),
    }


def held(conversations: ConversationQuerySet) -> dict[str, int]:
    """How many of these conversations active runs hold; empty where none does."""
    return _present({HELD: conversations.filter(active_run__isnull=False).count()})


def below_workspaces(workspaces: QuerySet[Workspace]) -> dict[str, int]:
    """The rows that a deletion of these workspaces removes."""
    keys = workspaces.order_by().values("pk")
    return {
        "workspaces": workspaces.count(),
        **below_conversations(Conversation.objects.filter(workspace__in=keys)),
        "API keys": ApiKey.objects.filter(workspace__in=keys).count(),
        **_present({"memberships": Membership.objects.filter(workspace__in=keys).count()}),
    }


def _belonging(messages: MessageQuerySet) -> dict[str, int]:
    return {
        "parts": Part.objects.filter(message__in=messages.filter(has_parts=True)).count(),
        "stored objects": StoredObject.objects.filter(message__in=messages).count(),
    }


def _present(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
