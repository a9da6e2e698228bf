"""What becomes of memories when a message from which they were drawn is deleted, redacted, corrected or
superseded.

A memory goes with its last source. Where others are left it is hidden until a worker draws it anew from them;
until then neither the memory nor its history holds a word, since any of them may be that of the source.
"""

from collections.abc import Collection, Iterable

from messaging.models import Memory, MemoryDismissal, MemorySource, Message, MessageQuerySet
from messaging.services.removal import remove_rows
from messaging.services.rows import locked_ids

from .cursors import want_message
from .stored import hide, remove_memories

DRAWN_FROM = frozenset({"content", "role", "sender_id", "message_type"})
"""What of a message its memories rest on."""


def draw_anew(row: Message, changed: Iterable[str]) -> None:
    """Let memories follow a message that was corrected, whose conversation is locked, in that transaction.

    What was drawn from it is hidden, and a worker draws from what it says now; what it said of another
    sender is that sender's no more.
    """
    changes = DRAWN_FROM.intersection(changed)
    if not (changes and row.enable_memories):
        return
    if "sender_id" in changes:
        take_memories_along(row.workspace_id, [row.pk])
    sources = MemorySource.objects.for_workspace(row.workspace_id).filter(message=row.pk)
    memories = Memory.objects.for_workspace(row.workspace_id)
    hide(row.workspace_id, locked_ids(memories.filter(pk__in=sources.values("memory_id"))))
    want_message(row)


def take_memories_along(workspace_id: str, messages: MessageQuerySet | Collection[str]) -> None:
    """Let memories follow these messages, whose conversations are locked, in the transaction that takes
    their words: given as a queryset or as ids."""
    remove_rows(MemoryDismissal.objects.for_workspace(workspace_id).filter(message__in=messages))
    sources = MemorySource.objects.for_workspace(workspace_id).filter(message__in=messages)
    ids = set(sources.values_list("memory_id", flat=True))
    if not ids:
        return
    # Who takes another source of the same memory waits here, so that one of both sees the last one go.
    locked = locked_ids(Memory.objects.for_workspace(workspace_id).filter(pk__in=ids))
    remove_rows(sources)
    left = MemorySource.objects.for_workspace(workspace_id).of_memories(locked)
    kept = set(left.values_list("memory_id", flat=True))
    remove_memories(workspace_id, [pk for pk in locked if pk not in kept])
    hide(workspace_id, [pk for pk in locked if pk in kept])
