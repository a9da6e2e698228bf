"""Memories that clients and staff write: adding, changing, replacing, deleting, having them drawn anew."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError

from messaging.exceptions import MemoryKnown, MemoryNotFound
from messaging.models import Memory, MemoryQuerySet, MemorySource
from messaging.services.bulk import BulkOutcome
from messaging.services.clock import later_than
from messaging.services.rows import Version, differing, locked, locked_ids, require_editable, write
from messaging.services.transactions import atomic, write_database
from messaging.values.choices import ChangeKind, MemoryAction

from .stored import (
    WITHOUT_EMBEDDING,
    dismiss,
    hash_of,
    hide,
    lock_user,
    memories_of,
    remove_memories,
    require_memory,
    require_room,
    revision_of,
    saying_the_same,
    tell,
)

EDITABLE = frozenset({"memory", "memory_type", "topics", "metadata"})


def add_memory(
    *,
    workspace_id: str,
    user_id: str,
    memory: str,
    memory_type: str = "user",
    topics: list[str] | None = None,
    metadata: dict[str, Any] | None = None,
) -> tuple[Memory, bool]:
    """Write a memory of this end user; returns the row, and whether it is new.

    Where the user has a memory of the same text, that one is returned as it is. Raises InvalidValue, and
    TooManyMemories.
    """
    require_memory(memory, topics, metadata)
    row = Memory(workspace_id=workspace_id, user_id=user_id, memory=memory, text_hash=hash_of(memory))
    row.memory_type, row.topics, row.metadata = memory_type, topics, metadata
    row.updated_at = row.created_at
    with atomic():
        lock_user(workspace_id, user_id)
        if known := saying_the_same(row):
            return known, False
        require_room(workspace_id, user_id)
        row.save(force_insert=True, using=write_database())
        _tell_version(row, MemoryAction.CREATED, ChangeKind.MEMORY_CREATED)
    return row, True


def update_memory(
    *,
    workspace_id: str,
    memory_id: str,
    changes: Mapping[str, Any],
    user_id: str | None = None,
    expected_version: Version | None = None,
    action: MemoryAction = MemoryAction.UPDATED,
) -> Memory:
    """Give `memory`, `memory_type`, `topics` or `metadata` new values; returns the row as it is now.

    Values that it holds already change nothing. No extractor stands at a new text: somebody wrote it. With
    `user_id` it must be a memory of that user. Its sources stay: who corrects the words of a message does not
    make them their own. Raises MemoryNotFound, also for a hidden one, InvalidValue, MemoryKnown where another
    memory of the user says the same, and ChangedMeanwhile where the row is no longer as `expected_version`
    says.
    """
    require_editable(changes, EDITABLE)
    with atomic():
        rows = _named(workspace_id, memory_id, user_id).live()
        row = locked(rows, MemoryNotFound, expected_version)
        if values := differing(row, changes):
            require_memory(values.get("memory", row.memory), values.get("topics"), values.get("metadata"))
            _save_changes(row, values)
            _tell_version(row, action, ChangeKind.MEMORY_UPDATED)
    return row


def replace_memory(
    *,
    workspace_id: str,
    memory_id: str,
    memory: str,
    topics: list[str] | None = None,
    metadata: dict[str, Any] | None = None,
    user_id: str | None = None,
) -> tuple[Memory, Memory]:
    """Put another memory in the place of this one, whose id and `created_at` stay: (the old one, the new).

    What is not given is cleared. Raises as `update_memory` does.
    """
    with atomic():
        old = locked(_named(workspace_id, memory_id, user_id).live(), MemoryNotFound)
        changes = {"memory": memory, "topics": topics, "metadata": metadata}
        new = update_memory(
            workspace_id=workspace_id, memory_id=memory_id, changes=changes, action=MemoryAction.REPLACED
        )
    return old, new


def delete_memory(*, workspace_id: str, memory_id: str, user_id: str | None = None) -> None:
    """Delete a memory with its history; the messages from which it was drawn give it no more.

    Raises MemoryNotFound, also for a hidden one.
    """
    with atomic():
        if not _delete(workspace_id, _named(workspace_id, memory_id, user_id).live()):
            raise MemoryNotFound


def delete_memories(*, workspace_id: str, memory_ids: Collection[str]) -> BulkOutcome:
    """The same for these, hidden ones too. One transaction."""
    with atomic():
        ids = _delete(workspace_id, Memory.objects.for_workspace(workspace_id).filter(pk__in=memory_ids))
    return BulkOutcome(changed=ids)


def delete_memories_of(*, workspace_id: str, user_id: str) -> int:
    """The same for all memories of an end user; returns how many there were."""
    with atomic():
        lock_user(workspace_id, user_id)
        return len(_delete(workspace_id, Memory.objects.for_workspace(workspace_id).of_user(user_id)))


def redraw_memories(*, workspace_id: str, memory_ids: Collection[str]) -> BulkOutcome:
    """Hide those of these memories that have sources, so that the worker draws them anew. One transaction.

    What they said, and their history, is gone from here on.
    """
    with atomic():
        sources = MemorySource.objects.for_workspace(workspace_id).of_memories(memory_ids)
        rows = Memory.objects.for_workspace(workspace_id).live().filter(pk__in=sources.values("memory_id"))
        ids = locked_ids(rows)
        hide(workspace_id, ids)
    return BulkOutcome(changed=ids)


def store_embeddings(*, workspace_id: str, embedder: str, embeddings: Mapping[str, tuple[int, bytes]]) -> int:
    """Note embeddings of memories by id, each with the version that was embedded; returns how many fitted.

    One whose memory has another version by now is left out. Neither a change nor a new version.
    """
    with atomic():
        rows = memories_of(workspace_id).live().filter(pk__in=list(embeddings)).order_by("pk")
        fitting = [row for row in rows.select_for_update() if row.version == embeddings[row.pk][0]]
        for row in fitting:
            row.embedding, row.embedder = embeddings[row.pk][1], embedder
        Memory.objects.for_workspace(workspace_id).update_each(fitting, ("embedding", "embedder"))
    return len(fitting)


def _delete(workspace_id: str, rows: MemoryQuerySet) -> list[str]:
    """Delete these memories for somebody who wants them gone; their ids."""
    locked = list(rows.order_by("pk").select_for_update().only("pk", "workspace_id", "text_hash"))
    dismiss(workspace_id, locked)
    ids = [row.pk for row in locked]
    remove_memories(workspace_id, ids)
    return ids


def _named(workspace_id: str, memory_id: str, user_id: str | None) -> MemoryQuerySet:
    rows = Memory.objects.for_workspace(workspace_id).filter(pk=memory_id)
    return rows if user_id is None else rows.of_user(user_id)


def _save_changes(row: Memory, changes: Mapping[str, Any]) -> None:
    values = {**changes, "version": row.version + 1, "updated_at": later_than(row.updated_at)}
    if "memory" in changes:
        row.text_hash = hash_of(changes["memory"])
        values |= {
            "text_hash": row.text_hash,
            **WITHOUT_EMBEDDING,
            "extractor": None,
            "extractor_version": None,
        }
        if known := saying_the_same(row):
            raise MemoryKnown(known.pk)
    try:
        with atomic():
            write(Memory.objects.for_workspace(row.workspace_id), row, values)
    except IntegrityError:  # somebody has just added it
        if known := saying_the_same(row):
            raise MemoryKnown(known.pk) from None
        raise


def _tell_version(row: Memory, action: MemoryAction, kind: ChangeKind) -> None:
    revision_of(row, action).save(force_insert=True, using=write_database())
    tell(row.workspace_id, kind, [row.pk])
