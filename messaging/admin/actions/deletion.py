"""How much goes when something is deleted: counted by the database, never loaded."""

from typing import Any

from messaging.models import (
    ApiKey,
    Conversation,
    Membership,
    Message,
)
from messaging.parts import part_store

__all__ = ["below_conversations", "below_messages", "below_workspaces", "held"]

HELD = "conversations that an active run holds"


def below_messages(messages: Any) -> dict[str, int]:
    """What goes with these messages, a queryset, themselves included."""
    return {"messages": messages.count(), **_present(part_store().counts(messages=messages))}


def below_conversations(conversations: Any) -> dict[str, int]:
    """What goes with these conversations, a queryset; messages by the kept counters, which are exact."""
    messages = Message.objects.filter(conversation__in=conversations.order_by().values("pk"))
    counts = part_store().counts(messages=messages, conversations=conversations.order_by().values("pk"))
    return {
        "conversations": conversations.count(),
        "messages": conversations.total_messages(),
        **held(conversations),
        **_present(counts),
    }


def held(conversations: Any) -> dict[str, int]:
    """How many of these conversations, a queryset, active runs hold, where any do."""
    return _present({HELD: conversations.filter(active_run__isnull=False).count()})


def below_workspaces(workspaces: Any) -> dict[str, int]:
    """What goes with these workspaces, a queryset."""
    keys = workspaces.order_by().values("pk")
    return {
        "workspaces": workspaces.count(),
        **below_conversations(Conversation.objects.filter(workspace__in=keys)),
        "API keys": ApiKey.objects.filter(workspace__in=keys).count(),
        **_present({"memberships": Membership.objects.filter(workspace__in=keys).count()}),
    }


def _present(counts: Any) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
