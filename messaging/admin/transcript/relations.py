"""Which message answers which, by `parent_message_id`, linked both ways."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Left

from messaging.admin.display import brief
from messaging.models import Message, MessageQuerySet

from .reader import Reader

__all__ = ["Reference", "Relations", "relations_of"]

EXCERPT = 120
MAX_REPLIES = 200
"""Replies that one page names in all; a message may have any number."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another message: its role, its beginning, and its address."""

    id: str
    role: str
    excerpt: str
    url: str
    """Empty for a message that does not exist: the id is kept as the writer gave it."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Parents of the messages of a page, and replies to them, each by the id that is referred to."""

    parents: Mapping[str, Reference]
    replies: Mapping[str, Sequence[Reference]]


def relations_of(rows: Sequence[Message], reader: Reader) -> Relations:
    """Parents and replies of these messages, in two statements; one where none of them names a parent."""
    if not rows:
        return Relations({}, {})
    workspace = Message.objects.for_workspace(rows[0].workspace_id)
    wanted = {row.parent_message_id for row in rows if row.parent_message_id}
    named = {row["pk"]: _reference(row, reader) for row in _brief(workspace.filter(pk__in=wanted))}
    unknown = {name: Reference(name, "", "", "") for name in wanted if name not in named}
    replies: dict[str, list[Reference]] = defaultdict(list)
    answering = workspace.filter(parent_message_id__in=[row.pk for row in rows])
    for row in _brief(answering.order_by("created_at", "seq")[:MAX_REPLIES]):
        replies[row["parent_message_id"]].append(_reference(row, reader))
    return Relations(parents=named | unknown, replies=replies)


def _brief(messages: MessageQuerySet) -> Iterable[Mapping[str, Any]]:
    return messages.values("pk", "role", "parent_message_id", excerpt=Left("content", EXCERPT))


def _reference(row: Mapping[str, Any], reader: Reader) -> Reference:
    return Reference(row["pk"], row["role"], brief(row["excerpt"]), reader.permalink(row["pk"]))
