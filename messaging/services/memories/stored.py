"""What every write of memories does alike: one user at a time, no text twice, a revision for each version."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.models import F

from messaging.changes.actors import current_actor
from messaging.conf import memory_settings
from messaging.exceptions import InvalidValue, TooManyMemories
from messaging.models import (
    Conversation,
    Memory,
    MemoryDismissal,
    MemoryQuerySet,
    MemoryRevision,
    MemorySource,
    Message,
    MessageQuerySet,
)
from messaging.services.clock import now_or_later
from messaging.services.recording import change_of_memories, record
from messaging.services.removal import remove_rows
from messaging.services.retries.answers import forget_answers_of
from messaging.services.rows import locked_ids
from messaging.services.transactions import write_database
from messaging.sql.running import rows_of
from messaging.values.choices import ChangeKind, MemoryAction, MemoryState
from messaging.values.json import dumps
from messaging.values.limits import meta_data_problem, tags_problem
from messaging.values.text import fold, text_problem

MOST_CHARACTERS = 10_000
"""Of the text of a memory."""
MOST_METADATA_BYTES = 64 * 1024
"""Of the metadata of a memory, as JSON."""
ENDS = ".!。"
"""What may end a sentence without changing what it says."""

WITHOUT_EMBEDDING: Mapping[str, None] = {"embedding": None, "embedder": None}
WITHOUT_WORDS: Mapping[str, str | None] = {
    **WITHOUT_EMBEDDING,
    "memory": "",
    "search_text": "",
    "text_hash": None,
    "topics": None,
    "metadata": None,
}


def hash_of(text: str) -> str:
    """SHA-256, hexadecimal, of the text as two memories of a user are compared: case, composition, white
    space and how the sentence ends do not matter."""
    normal = " ".join(fold(text).split()).rstrip(f" {ENDS}")
    return hashlib.sha256(normal.encode(errors="surrogatepass")).hexdigest()


def problem_of(text: str, topics: Collection[str] | None = None) -> str | None:
    """Why this cannot be a memory; None for what can."""
    if not text.strip():
        return "A memory should not be empty"
    if len(text) > MOST_CHARACTERS:
        return f"A memory has at most {MOST_CHARACTERS} characters, not {len(text)}"
    return text_problem(text) or tags_problem(topics or ())


def metadata_problem(metadata: Mapping[str, Any]) -> str | None:
    """Why this cannot be the metadata of a memory; None for what can."""
    if (size := len(dumps(metadata))) > MOST_METADATA_BYTES:
        return f"Metadata of a memory has at most {MOST_METADATA_BYTES} bytes, not {size}"
    return meta_data_problem(metadata)


def require_memory(
    text: str, topics: Collection[str] | None = None, metadata: Mapping[str, Any] | None = None
) -> None:
    """Raise InvalidValue for what cannot be a memory."""
    if problem := problem_of(text):
        raise InvalidValue(("body", "memory"), problem)
    if problem := tags_problem(topics or ()):
        raise InvalidValue(("body", "topics"), problem)
    if problem := metadata_problem(metadata or {}):
        raise InvalidValue(("body", "metadata"), problem, "too_long")


def lock_user(workspace_id: str, user_id: str) -> None:
    """Let one transaction at a time add memories of this user, so that their number and texts hold.

    Conversations are locked before, the memories themselves behind. SQLite has one writer anyway.
    """
    using = write_database()
    if connections[using].vendor == "postgresql":
        name = f"memories {workspace_id} {user_id}".encode()
        number = int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), signed=True)
        rows_of("SELECT 1 FROM (SELECT pg_advisory_xact_lock(%s)) AS locked", [number], using)


def memories_of(workspace_id: str) -> MemoryQuerySet:
    """The memories of a workspace as the writer knows them."""
    return Memory.objects.using(write_database()).for_workspace(workspace_id)


def saying_the_same(row: Memory) -> Memory | None:
    """Another memory of the same user in the same words; this one need not be stored."""
    if row.text_hash is None:
        return None
    rows = memories_of(row.workspace_id).of_user(row.user_id).filter(text_hash=row.text_hash)
    return rows.exclude(pk=row.pk).first()


def locked_sources(workspace_id: str, message_ids: Collection[str]) -> MessageQuerySet:
    """Those of these messages that are there, neither redacted nor superseded; nobody takes one away before
    the transaction ends, for their conversations are locked."""
    messages = Message.objects.using(write_database()).for_workspace(workspace_id).filter(pk__in=message_ids)
    conversations = Conversation.objects.for_workspace(workspace_id)
    locked_ids(conversations.filter(pk__in=messages.order_by().values("conversation_id")))
    return messages.current().filter(redacted_at=None)


def add_sources(row: Memory, within: Mapping[str, str]) -> None:
    """Note that a memory was drawn from these messages: the conversation of each, by its id."""
    sources = [
        MemorySource(
            workspace_id=row.workspace_id,
            memory_id=row.pk,
            message_id=message_id,
            conversation_id=conversation_id,
        )
        for message_id, conversation_id in within.items()
    ]
    if sources:
        MemorySource.objects.using(write_database()).bulk_create(sources, ignore_conflicts=True)


def room_for(workspace_id: str, user_id: str) -> int:
    """How many more memories the locked user may have."""
    number = memories_of(workspace_id).of_user(user_id).count()
    return max(0, memory_settings().max_memories - number)


def require_room(workspace_id: str, user_id: str) -> None:
    """Raise TooManyMemories where the locked user may have no more."""
    if not room_for(workspace_id, user_id):
        raise TooManyMemories(memory_settings().max_memories)


def revision_of(row: Memory, action: MemoryAction, message_ids: Sequence[str] = ()) -> MemoryRevision:
    """The revision that tells of the present version of a memory, by whoever acts now."""
    actor = current_actor()
    return MemoryRevision(
        workspace_id=row.workspace_id,
        memory_id=row.pk,
        version=row.version,
        action=action,
        text=row.memory,
        memory_type=row.memory_type,
        topics=row.topics,
        metadata=row.metadata,
        message_ids=list(message_ids),
        extractor=row.extractor,
        extractor_version=row.extractor_version,
        actor_kind=actor.kind.value if actor else None,
        actor_id=actor.id if actor else None,
        created_at=row.updated_at,
    )


def dismiss(workspace_id: str, rows: Iterable[Memory]) -> None:
    """Let the messages from which these memories were drawn give them no more: somebody deletes them."""
    hashes = {row.pk: row.text_hash for row in rows if row.text_hash is not None}
    sources = MemorySource.objects.for_workspace(workspace_id).of_memories(hashes)
    named = sources.values_list("memory_id", "message_id")
    store_dismissals(workspace_id, [(message_id, hashes[memory_id]) for memory_id, message_id in named])


def store_dismissals(workspace_id: str, dismissed: Iterable[tuple[str, str]]) -> None:
    """Note what messages give no more: (message, text hash). The conversations of these are locked, or the
    memories drawn from them."""
    rows = [
        MemoryDismissal(workspace_id=workspace_id, message_id=message_id, text_hash=text_hash)
        for message_id, text_hash in dismissed
    ]
    if rows:
        MemoryDismissal.objects.using(write_database()).bulk_create(rows, ignore_conflicts=True)


def dismissed_by(workspace_id: str, message_ids: Collection[str]) -> set[tuple[str, str]]:
    """(message, text hash) of what these messages give no more."""
    rows = MemoryDismissal.objects.using(write_database()).for_workspace(workspace_id)
    return set(rows.by_messages(message_ids).values_list("message_id", "text_hash"))


def remove_memories(workspace_id: str, memory_ids: Collection[str]) -> None:
    """Delete these memories, whose rows are locked, with sources, history, and the answers that show them."""
    if not memory_ids:
        return
    remove_rows(MemorySource.objects.for_workspace(workspace_id).of_memories(memory_ids))
    remove_rows(MemoryRevision.objects.for_workspace(workspace_id).filter(memory__in=memory_ids))
    remove_rows(Memory.objects.for_workspace(workspace_id).filter(pk__in=memory_ids))
    forget_answers_of(workspace_id, memory_ids)
    tell(workspace_id, ChangeKind.MEMORY_DELETED, memory_ids)


def tell(workspace_id: str, kind: ChangeKind, memory_ids: Iterable[str], *, imported: bool = False) -> None:
    """Record what became of these memories, if there are any."""
    if ids := sorted(memory_ids):
        record(change_of_memories(kind, workspace_id, ids, imported=imported))


def hide(workspace_id: str, memory_ids: Collection[str]) -> None:
    """Take the words out of these memories, whose rows are locked, until they are drawn anew."""
    if not memory_ids:
        return
    rows = Memory.objects.for_workspace(workspace_id).filter(pk__in=memory_ids)
    rows.update(
        **WITHOUT_WORDS, state=MemoryState.HIDDEN, version=F("version") + 1, updated_at=now_or_later()
    )
    remove_rows(MemoryRevision.objects.for_workspace(workspace_id).filter(memory__in=memory_ids))
    forget_answers_of(workspace_id, memory_ids)
    tell(workspace_id, ChangeKind.MEMORY_UPDATED, memory_ids)
