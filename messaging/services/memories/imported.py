"""Memories of an own export, once the messages from which they were drawn are here.

One whose sources are all here comes as it was, with its history. Where some are missing it comes hidden,
since its words may be theirs; where all are, not at all, and neither where somebody deleted it here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from messaging.models import Memory, MemoryRevision, MemorySource
from messaging.services.removal import remove_rows
from messaging.services.transactions import atomic, write_database
from messaging.values.choices import ChangeKind, MemoryState
from messaging.values.ids import derived_id

from .stored import (
    WITHOUT_WORDS,
    add_sources,
    dismissed_by,
    hash_of,
    lock_user,
    locked_sources,
    memories_of,
    room_for,
    saying_the_same,
    tell,
)

NOT_HERE = gettext_noop("None of the messages from which it was drawn is here")
DISMISSED = gettext_noop("Somebody deleted what these messages say")
FULL = gettext_noop("The user may have no more memories")
COLUMNS = (
    *("memory", "search_text", "memory_type", "topics", "metadata", "text_hash", "state", "version"),
    *("extractor", "extractor_version", "embedding", "embedder", "updated_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedMemory:
    """A memory of another store."""

    id: str
    """Its id there."""
    keeps_id: bool
    """Whether that may be its id here, where it is free."""
    columns: Mapping[str, Any]
    """Columns of Memory as they were."""
    sources: Sequence[tuple[str, str]] = ()
    """(conversation, message), by their ids there."""
    revisions: Sequence[Mapping[str, Any]] = ()
    """Columns of MemoryRevision, `message_ids` as there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryArrival:
    """What became of a memory; in neither case it was there already."""

    is_new: bool = False
    is_changed: bool = False
    """It was there and followed a newer version."""
    problem: str | None = None
    """Why it was not stored."""


def import_memories(
    *, workspace_id: str, memories: Sequence[ImportedMemory], keeps_ids: bool = True, revises: bool = True
) -> list[MemoryArrival]:
    """Store what is not there yet; an outcome for each memory, each in a transaction of its own.

    With `revises` what is there follows newer versions of itself. What a user has in the same words stays
    one, and gets these sources. `keeps_ids`: see `import_conversations`.
    """
    return [_import(workspace_id, given, keeps_ids, revises) for given in memories]


def _import(workspace_id: str, given: ImportedMemory, keeps_ids: bool, revises: bool) -> MemoryArrival:
    with atomic():
        here = _sources_here(workspace_id, given)
        if given.sources and not here:
            return MemoryArrival(problem=_(NOT_HERE))
        if here and _are_dismissed(workspace_id, given, here):
            return MemoryArrival(problem=_(DISMISSED))
        lock_user(workspace_id, given.columns["user_id"])
        stored, pk = _stored(workspace_id, given, keeps_ids)
        row = stored or Memory(id=pk, workspace_id=workspace_id, created_at=given.columns["created_at"])
        if stored and not (revises and stored.updated_at < given.columns["updated_at"]):
            return MemoryArrival()
        _follow(row, given, is_whole=len(here) == len(set(given.sources)))
        if (known := saying_the_same(row)) is not None:
            add_sources(known, _within(here))
            return MemoryArrival()
        if not stored and not room_for(workspace_id, row.user_id):
            return MemoryArrival(problem=_(FULL))
        _store(row, given, here, is_new=stored is None)
    return MemoryArrival(is_new=stored is None, is_changed=stored is not None)


Here = dict[tuple[str, str], tuple[str, str]]
"""(conversation, message) here, by those there."""


def _sources_here(workspace_id: str, given: ImportedMemory) -> Here:
    """The sources that are here and not redacted, their conversations locked."""
    wanted = {source: _names_of(workspace_id, *source) for source in given.sources}
    if not wanted:
        return {}
    messages = locked_sources(workspace_id, [pk for names in wanted.values() for pk in names])
    sound = dict(messages.values_list("pk", "conversation_id"))
    return {
        source: (sound[pk], pk)
        for source, names in wanted.items()
        for pk in [next((name for name in names if name in sound), None)]
        if pk is not None
    }


def _are_dismissed(workspace_id: str, given: ImportedMemory, here: Here) -> bool:
    """Whether none of the sources gives this memory any more, since somebody deleted it here."""
    ids, text_hash = _within(here), hash_of(given.columns["memory"])
    return {(pk, text_hash) for pk in ids} <= dismissed_by(workspace_id, ids)


def _within(here: Here) -> dict[str, str]:
    """The conversation of each source, by the message, both as they are called here."""
    return {message_id: conversation_id for conversation_id, message_id in here.values()}


def _names_of(workspace_id: str, conversation_id: str, message_id: str) -> list[str]:
    """The ids that an exported message may have here; see `messaging.services.imports.ids.Names`."""
    copy = derived_id("conv", workspace_id, f"parley/{conversation_id}")
    return [message_id, *(derived_id("msg", parent, message_id) for parent in (conversation_id, copy))]


def _stored(workspace_id: str, given: ImportedMemory, keeps_ids: bool) -> tuple[Memory | None, str]:
    """(the memory that is here, locked, if it is; the id that it has or gets here)."""
    derived = derived_id("mem", workspace_id, f"parley/{given.id}")
    names = [given.id, derived] if given.keeps_id else [derived]
    for row in memories_of(workspace_id).filter(pk__in=names).order_by("pk").select_for_update():
        return row, row.pk
    is_free = given.keeps_id and keeps_ids and not _is_taken(given.id)
    return None, given.id if is_free else derived


def _is_taken(memory_id: str) -> bool:
    return Memory.objects.using(write_database()).filter(pk=memory_id).exists()


def _follow(row: Memory, given: ImportedMemory, *, is_whole: bool) -> None:
    """Give a row what the export says of it, without words where some of them may be of what is gone."""
    for name, value in given.columns.items():
        setattr(row, name, value)
    row.embedding = row.embedder = None
    row.text_hash = hash_of(row.memory)
    if not is_whole or row.state == MemoryState.HIDDEN:
        row.state = MemoryState.HIDDEN
        for column, nothing in WITHOUT_WORDS.items():
            setattr(row, column, nothing)


def _store(row: Memory, given: ImportedMemory, here: Here, *, is_new: bool) -> None:
    if is_new:
        row.save(force_insert=True, using=write_database())
    else:
        row.save(update_fields=COLUMNS, using=write_database())
        remove_rows(MemoryRevision.objects.for_workspace(row.workspace_id).filter(memory=row.pk))
        remove_rows(MemorySource.objects.for_workspace(row.workspace_id).filter(memory=row.pk))
    add_sources(row, _within(here))
    if row.state == MemoryState.LIVE:
        names = {there: message for (_, there), (_, message) in here.items()}
        MemoryRevision.objects.insert_all([_revision(row, columns, names) for columns in given.revisions])
    kind = ChangeKind.MEMORY_CREATED if is_new else ChangeKind.MEMORY_UPDATED
    tell(row.workspace_id, kind, [row.pk], imported=True)


def _revision(row: Memory, columns: Mapping[str, Any], names: Mapping[str, str]) -> MemoryRevision:
    ids = [names[name] for name in columns["message_ids"] if name in names]
    own = {**columns, "message_ids": ids}
    return MemoryRevision(workspace_id=row.workspace_id, memory_id=row.pk, **own)
