"""Many rows at once: what became of each, and how they are locked in a fixed number of statements."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from messaging.exceptions import ConversationLocked, ParleyError
from messaging.models import Conversation, Message

from .locks import require_lock

BATCH = 500
"""Rows that one transaction of a bulk service takes: its memory, and how long it holds its locks."""

Item = TypeVar("Item")


@dataclass(slots=True)
class BulkOutcome:
    """What became of many rows. Those in neither were gone, or needed no change."""

    changed: list[str] = field(default_factory=list)
    """Ids, in no order that means anything."""
    refused: dict[str, ParleyError] = field(default_factory=dict)
    """Why, by id."""

    def add(self, other: "BulkOutcome") -> None:
        """Count the rows of another batch in."""
        self.changed += other.changed
        self.refused |= other.refused


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """The items in lists of at most this many."""
    pending = iter(items)
    while batch := list(islice(pending, size)):
        yield batch


def lock_messages(workspace_id: str, message_ids: Collection[str]) -> tuple[list[Message], BulkOutcome]:
    """Lock the conversations of these messages, always in the same order; returns those that may be written.

    The others are refused in the outcome. Whoever writes a message holds its conversation, so the rows
    themselves need no lock.
    """
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    locked = _locked_by_runs(workspace_id, messages.values("conversation_id"))
    free, outcome = [], BulkOutcome()
    for row in messages.order_by("conversation", "seq"):
        if error := locked.get(row.conversation_id):
            outcome.refused[row.pk] = error
        else:
            free.append(row)
    return free, outcome


def _locked_by_runs(workspace_id: str, conversation_ids: Any) -> dict[str, ConversationLocked]:
    """Lock these conversations; returns those that runs hold, with what is to be said of them."""
    conversations = Conversation.objects.for_workspace(workspace_id).filter(pk__in=conversation_ids)
    refused = {}
    for pk, holder in conversations.order_by("pk").select_for_update().values_list("pk", "active_run"):
        try:
            require_lock(workspace_id=workspace_id, conversation_id=pk, holder=holder, writer=None)
        except ConversationLocked as error:
            refused[pk] = error
    return refused
