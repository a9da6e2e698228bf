"""Memories that an extractor draws from messages: what it asks for is applied once, all of it or nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from messaging.exceptions import MemoriesChanged, MemorySourcesGone
from messaging.models import Memory, MemorySource
from messaging.services.clock import later_than
from messaging.services.removal import remove_rows
from messaging.services.transactions import atomic, write_database
from messaging.values.choices import ChangeKind, MemoryAction, MemoryState

from .stored import (
    add_sources,
    dismiss,
    dismissed_by,
    hash_of,
    lock_user,
    locked_sources,
    memories_of,
    problem_of,
    remove_memories,
    revision_of,
    room_for,
    tell,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMemory:
    """A memory that the user did not have. One of the same text gets these sources instead."""

    text: str
    topics: Sequence[str] = ()
    memory_type: str = "user"
    metadata: Mapping[str, Any] | None = None
    message_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMemory:
    """Another text for a memory that is shown; its sources stay, and these come to them."""

    memory_id: str
    text: str
    topics: Sequence[str] | None = None
    """None leaves them."""
    message_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropMemory:
    """A memory that does not hold any more: it goes, with its history."""

    memory_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawMemory:
    """The text of a hidden memory, as it was drawn anew; its only sources are these."""

    memory_id: str
    text: str
    topics: Sequence[str] = ()
    message_ids: Sequence[str] = ()


UNKNOWN = "The user has no such memory"
HIDDEN = "The memory is hidden: what it said is gone"
SHOWN = "The memory is shown, and needs not be drawn anew"
FULL = "The user may have no more memories"
DISMISSED = "Somebody deleted what these messages say"
REWRITTEN = (
    *("memory", "topics", "text_hash", "state", "version", "updated_at"),
    *("extractor", "extractor_version", "embedding", "embedder"),
)

MemoryChange = AddMemory | ChangeMemory | DropMemory | RedrawMemory


@dataclass(slots=True)
class MemoryOutcome:
    """What became of the changes: ids of memories, each in one list."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Those that said already what was to be added."""
    refused: dict[int, str] = field(default_factory=dict)
    """Why a change was left out, by its index among the changes."""
    is_repeat: bool = False
    """`once` said that this was done before: nothing was applied."""


def apply_memory_changes(
    *,
    workspace_id: str,
    user_id: str,
    changes: Sequence[MemoryChange],
    extractor: str,
    version: str,
    seen: Mapping[str, int] | None = None,
    read: Mapping[str, datetime] | None = None,
    once: Callable[[], bool] | None = None,
) -> MemoryOutcome:
    """Apply what an extractor asks for, in the order of the changes, in one transaction.

    `seen` are the memories that it was shown, by id their version: where one is no longer that, what it asks
    for rests on words that may be gone, and nothing is applied. `read` are the messages, by id the
    `updated_at` with which they were read: likewise. `once` is called first, in the transaction:
    it notes that this is done and answers whether it was not done before, so that a worker that is killed
    loses nothing and does nothing twice; without it a repeat adds nothing that is there and changes nothing
    that is so. Raises MemorySourcesGone unless every message is there, not redacted, as it was read, and its
    `sender_id` is the user; MemoriesChanged.
    """
    with atomic():
        if once is not None and not once():
            return MemoryOutcome(is_repeat=True)
        within = _lock_sources(workspace_id, user_id, changes, read or {})
        lock_user(workspace_id, user_id)
        rows = _lock_memories(workspace_id, user_id, changes, seen or {})
        room = room_for(workspace_id, user_id)
        dismissed = dismissed_by(workspace_id, within) if within else set()
        drawing = _Drawing(workspace_id, user_id, extractor, version, within, rows, room, dismissed)
        for index, change in enumerate(changes):
            if problem := drawing.take(change):
                drawing.outcome.refused[index] = problem
        drawing.tell()
    return drawing.outcome


def _lock_sources(
    workspace_id: str, user_id: str, changes: Sequence[MemoryChange], read: Mapping[str, datetime]
) -> dict[str, str]:
    """Hold off whoever would take a source away; the conversation of each source, by its id."""
    wanted = {pk for change in changes if not isinstance(change, DropMemory) for pk in change.message_ids}
    if not wanted:
        return {}
    mine = locked_sources(workspace_id, wanted).filter(sender_id=user_id)
    rows = mine.values_list("pk", "conversation_id", "updated_at")
    within = {pk: within for pk, within, updated_at in rows if read.get(pk, updated_at) == updated_at}
    if gone := wanted - within.keys():
        raise MemorySourcesGone(sorted(gone))
    return within


def _lock_memories(
    workspace_id: str, user_id: str, changes: Sequence[MemoryChange], seen: Mapping[str, int]
) -> dict[str, Memory]:
    """Lock the memories of the user that the changes touch, and those that were seen; by id."""
    named = {change.memory_id for change in changes if not isinstance(change, AddMemory)}
    hashes = {hash_of(change.text) for change in changes if not isinstance(change, DropMemory)}
    touched = Q(pk__in=named | seen.keys()) | Q(text_hash__in=hashes)
    mine = memories_of(workspace_id).of_user(user_id).filter(touched)
    rows = {row.pk: row for row in mine.order_by("pk").select_for_update()}
    stale = [pk for pk, version in seen.items() if pk not in rows or rows[pk].version != version]
    if stale:
        raise MemoriesChanged(sorted(stale))
    return rows


@dataclass(slots=True)
class _Drawing:
    """Changes of the memories of one user, who is locked, as they are applied one by one."""

    workspace_id: str
    user_id: str
    extractor: str
    version: str
    within: Mapping[str, str]
    """The conversation of each source."""
    rows: dict[str, Memory]
    """The memories that the changes touch, by id."""
    room: int
    """How many more the user may have."""
    dismissed: Collection[tuple[str, str]]
    """(message, text hash) of what these sources give no more."""
    outcome: MemoryOutcome = field(default_factory=MemoryOutcome)

    def take(self, change: MemoryChange) -> str | None:
        """Apply one change; why it is left out, if it is."""
        if isinstance(change, DropMemory):
            dismiss(self.workspace_id, [row for pk, row in self.rows.items() if pk == change.memory_id])
            return self._drop(change)
        if problem := problem_of(change.text, change.topics):
            return problem
        if self._is_dismissed(change.text, change.message_ids):
            return DISMISSED
        if isinstance(change, AddMemory):
            return self._add(change)
        if (row := self.rows.get(change.memory_id)) is None:
            return UNKNOWN
        if isinstance(change, RedrawMemory):
            return self._redraw(row, change)
        return self._change(row, change)

    def tell(self) -> None:
        """Record what became of them."""
        # One that was added and changed at once is news as a whole; one that is gone again never was any.
        gone = set(self.outcome.deleted)
        tell(self.workspace_id, ChangeKind.MEMORY_CREATED, set(self.outcome.created) - gone)
        tell(self.workspace_id, ChangeKind.MEMORY_UPDATED, set(self.outcome.updated) - gone)

    def _add(self, change: AddMemory) -> str | None:
        if known := self._saying(change.text):
            self._add_sources(known, change.message_ids)
            self.outcome.known.append(known.pk)
            return None
        if not self.room:
            return FULL
        row = Memory(workspace_id=self.workspace_id, user_id=self.user_id, memory_type=change.memory_type)
        row.metadata = dict(change.metadata) if change.metadata else None
        row.updated_at = row.created_at
        self._set_text(row, change.text, change.topics)
        row.save(force_insert=True, using=write_database())
        self._note_version(row, MemoryAction.CREATED, change.message_ids)
        self.rows[row.pk], self.room = row, self.room - 1
        self.outcome.created.append(row.pk)
        return None

    def _change(self, row: Memory, change: ChangeMemory) -> str | None:
        if row.state != MemoryState.LIVE:
            return HIDDEN
        topics = row.topics if change.topics is None else list(change.topics) or None
        if row.memory == change.text and row.topics == topics:
            self._add_sources(row, change.message_ids)
            return None
        return self._rewrite(row, change.text, topics, MemoryAction.UPDATED, change.message_ids)

    def _redraw(self, row: Memory, change: RedrawMemory) -> str | None:
        if row.state != MemoryState.HIDDEN:
            return SHOWN
        sources = MemorySource.objects.for_workspace(self.workspace_id).filter(memory=row.pk)
        remove_rows(sources.exclude(message__in=change.message_ids))
        row.state = MemoryState.LIVE
        return self._rewrite(row, change.text, change.topics, MemoryAction.DRAWN_ANEW, change.message_ids)

    def _drop(self, change: DropMemory) -> str | None:
        if self.rows.pop(change.memory_id, None) is None:
            return UNKNOWN
        remove_memories(self.workspace_id, [change.memory_id])
        self.outcome.deleted.append(change.memory_id)
        self.room += 1
        return None

    def _rewrite(
        self,
        row: Memory,
        text: str,
        topics: Sequence[str] | None,
        action: MemoryAction,
        message_ids: Sequence[str],
    ) -> str | None:
        """Give a memory another text; where another one says that already, this one goes into it."""
        known = self._saying(text)
        if known is not None and known is not row:
            self._add_sources(known, message_ids)
            self.outcome.known.append(known.pk)
            return self._drop(DropMemory(memory_id=row.pk))
        row.version, row.updated_at = row.version + 1, later_than(row.updated_at)
        self._set_text(row, text, topics)
        row.save(update_fields=REWRITTEN, using=write_database())
        self._note_version(row, action, message_ids)
        self.outcome.updated.append(row.pk)
        return None

    def _is_dismissed(self, text: str, message_ids: Sequence[str]) -> bool:
        """Whether somebody deleted this, and none of these messages has come since."""
        wanted = hash_of(text)
        return bool(message_ids) and all((pk, wanted) in self.dismissed for pk in message_ids)

    def _saying(self, text: str) -> Memory | None:
        wanted = hash_of(text)
        return next((row for row in self.rows.values() if row.text_hash == wanted), None)

    def _set_text(self, row: Memory, text: str, topics: Sequence[str] | None) -> None:
        row.memory, row.topics, row.text_hash = text, list(topics or ()) or None, hash_of(text)
        row.extractor, row.extractor_version = self.extractor, self.version
        row.embedding = row.embedder = None

    def _note_version(self, row: Memory, action: MemoryAction, message_ids: Sequence[str]) -> None:
        revision_of(row, action, message_ids).save(force_insert=True, using=write_database())
        self._add_sources(row, message_ids)

    def _add_sources(self, row: Memory, message_ids: Sequence[str]) -> None:
        add_sources(row, {pk: self.within[pk] for pk in message_ids})
