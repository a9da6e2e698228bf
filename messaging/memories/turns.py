"""The turns of a conversation from which memories are to be drawn next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from django.db.models.functions import Substr

from messaging.conf import memory_settings
from messaging.models import MemoryCursor, Message, MessageQuerySet
from messaging.services.transactions import write_database

from .extracting import Turn

__all__ = ["Batch", "Source", "next_batch", "sources_of", "without_recalled"]

MOST_CHARACTERS = 20_000
"""Of a turn; nobody tells of themselves beyond."""
RECALLED_TYPE = "memory"
"""The `message_type` of a message that holds nothing but recalled memories."""
RECALLED = re.compile(r"<memories>.*?(?:</memories>|\Z)", re.S | re.I)
"""What an application put into a message from what was known: it would be drawn from itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A message as a turn."""

    message_id: str
    updated_at: datetime
    """When it was last corrected, as it was read."""
    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Turns of one user in a row, and from where to where in their conversation."""

    drawn_seq: int
    """Memories were drawn up to here."""
    to: int
    """And are, with these turns, up to here."""
    user_id: str
    """Empty where there are no turns."""
    sources: Sequence[Source]


class _Row(NamedTuple):
    """What of a message is read."""

    pk: str
    seq: int
    role: str
    sender_id: str
    updated_at: datetime
    sent_at: datetime
    text: str


def next_batch(workspace_id: str, conversation_id: str) -> Batch | None:
    """The turns that come next; None where nothing more is asked for."""
    cursors = MemoryCursor.objects.for_workspace(workspace_id).filter(conversation_id=conversation_id)
    cursor = cursors.first()
    if cursor is None or cursor.drawn_seq >= cursor.wanted_seq:
        return None
    most = memory_settings().max_turns
    rows = _read(_asking(workspace_id, conversation_id, cursor)[: most + 1])
    run = list(takewhile(lambda row: row.sender_id == rows[0].sender_id, rows[:most]))
    return Batch(
        drawn_seq=cursor.drawn_seq,
        to=cursor.wanted_seq if len(run) == len(rows) else run[-1].seq,
        user_id=run[0].sender_id if run else "",
        sources=_sources(run),
    )


def sources_of(workspace_id: str, user_id: str, message_ids: Sequence[str]) -> list[Source]:
    """These messages as turns of a user, in their order, as far as they are that still."""
    rows = _told(Message.objects.using(write_database()).for_workspace(workspace_id))
    mine = rows.filter(pk__in=message_ids, sender_id=user_id)
    return _sources(_read(mine.order_by("created_at", "conversation_id", "seq")))


def without_recalled(text: str) -> str:
    """The text without what the application recalled into it."""
    return RECALLED.sub("\n", text)


def _asking(workspace_id: str, conversation_id: str, cursor: MemoryCursor) -> MessageQuerySet:
    rows = (
        Message.objects.using(write_database()).for_workspace(workspace_id).in_conversation(conversation_id)
    )
    rows = rows.filter(seq__gt=cursor.drawn_seq, seq__lte=cursor.wanted_seq, enable_memories=True)
    return _told(rows).order_by("seq")


def _told(rows: MessageQuerySet) -> MessageQuerySet:
    """Those of these messages in which somebody tells something that still stands there."""
    told = rows.current().filter(redacted_at=None, role__in=memory_settings().roles)
    return told.exclude(message_type=RECALLED_TYPE)


def _read(rows: MessageQuerySet) -> list[_Row]:
    beginning = Substr("content", 1, MOST_CHARACTERS)
    columns = ("pk", "seq", "role", "sender_id", "updated_at", "sent_at")
    return [_Row(*row) for row in rows.values_list(*columns, beginning)]


def _sources(rows: Sequence[_Row]) -> list[Source]:
    return [
        Source(
            message_id=row.pk,
            updated_at=row.updated_at,
            turn=Turn(text=without_recalled(row.text), role=row.role, sent_at=row.sent_at),
        )
        for row in rows
    ]
