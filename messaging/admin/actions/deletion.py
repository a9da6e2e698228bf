"""How much goes when something is deleted: counted by the database, never loaded."""

from typing import Any

from messaging.models import (
    ApiKey,
    Conversation,
    Membership,
    Message,
    Part,
    Run,
    StoredObject,
)

__all__ = ["below_conversations", "below_messages", "below_workspaces", "held"]

HELD = "conversations that an active run holds"


def below_messages(messages: Any) -> dict[str, int]:
    """What goes with these messages, a queryset, themselves included."""
    return {"messages": messages.count(), **_present(_belonging(messages))}


def below_conversations(conversations: Any) -> dict[str, int]:
    """What goes with these conversations, a queryset; messages by the kept counters, which are exact."""
    messages = Message.objects.filter(conversation__in=conversations.order_by().values("pk"))
    runs = Run.objects.filter(conversation__in=conversations.order_by().values("pk"))
    return {
        "conversations": conversations.count(),
        "messages": conversations.total_messages(),
        **held(conversations),
        **_present({"runs": runs.count(), **_belonging(messages)}),
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


def _belonging(messages: Any) -> dict[str, int]:
    return {
        "parts": Part.objects.filter(message__in=messages.filter(has_parts=True)).count(),
        "stored objects": StoredObject.objects.filter(message__in=messages).count(),
    }


def _present(counts: Any) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}
