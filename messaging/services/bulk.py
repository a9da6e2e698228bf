"""Many rows at once, in a number of statements that does not depend on how many, and what became of each."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.utils import timezone

from messaging.exceptions import InvalidValue, ParleyError
from messaging.models import Conversation, Message
from messaging.values.choices import ChangeKind, ConversationStatus
from messaging.values.limits import tags_problem

from .announcing import announce_updated
from .clock import later_than, now_or_later
from .locks import lock_conversations_of
from .recording import change_of, changes_of_messages, record
from .rows import locked_ids
from .transactions import atomic

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
    """Lock the conversations of these messages; returns those that may be written, the others refused."""
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    locked = lock_conversations_of(workspace_id, messages)
    free, outcome = [], BulkOutcome()
    for row in messages.order_by("conversation", "seq"):
        if error := locked.get(row.conversation_id):
            outcome.refused[row.pk] = error
        else:
            free.append(row)
    return free, outcome


def tag_messages(
    *, workspace_id: str, message_ids: Collection[str], add: Sequence[str] = (), remove: Collection[str] = ()
) -> BulkOutcome:
    """Put tags behind those that these messages have, and take others off.

    One transaction; `message_updated` is sent for each message whose tags are not what they were. Messages of
    conversations that runs hold are refused, and so are those that would have too many tags.
    """
    with atomic():
        rows, outcome = lock_messages(workspace_id, message_ids)
        changed = []
        for row in rows:
            tags = [tag for tag in row.tags or () if tag not in remove]
            tags += [tag for tag in dict.fromkeys(add) if tag not in tags]
            if problem := tags_problem(tags):
                outcome.refused[row.pk] = InvalidValue(("body", "tags"), problem, "too_long")
            elif tags != (row.tags or []):
                row.tags, row.updated_at = tags, later_than(row.updated_at)
                changed.append(row)
        Message.objects.for_workspace(workspace_id).update_each(changed, ("tags", "updated_at"))
        record(*changes_of_messages(ChangeKind.MESSAGES_UPDATED, changed))
        announce_updated(changed, ["tags"])
        outcome.changed += [row.pk for row in changed]
    return outcome


def set_conversation_status(
    *, workspace_id: str, conversation_ids: Collection[str], status: str
) -> BulkOutcome:
    """Archive, end or reactivate these conversations, as `update_conversation` does one. One transaction."""
    conversations = Conversation.objects.for_workspace(workspace_id)
    changes: dict[str, Any] = {"status": ConversationStatus(status), "updated_at": now_or_later()}
    if status != ConversationStatus.ARCHIVED:
        changes["ended_at"] = timezone.now() if status == ConversationStatus.ENDED else None
    with atomic():
        changed = locked_ids(conversations.filter(pk__in=conversation_ids).exclude(status=status))
        conversations.filter(pk__in=changed).update(**changes)
        updated = ChangeKind.CONVERSATION_UPDATED
        record(*[change_of(updated, workspace_id, conversation_id=pk) for pk in changed])
    return BulkOutcome(changed=changed)
