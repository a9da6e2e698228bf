"""What the worker does: drawing memories from conversations, and looking after those of a workspace."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from messaging.exceptions import MemoriesChanged, MemorySourcesGone
from messaging.jobs import PLAIN, Context, Counts, job
from messaging.models import Memory, MemoryQuerySet, MemorySource, Message, Workspace
from messaging.services import DropMemory, MemoryChange, RedrawMemory, apply_memory_changes, store_embeddings
from messaging.services.memories.cursors import (
    ATTEMPTS,
    DRAW,
    TEND,
    advance_cursor,
    end_drawing,
    note_failure,
)
from messaging.services.memories.stored import dismissed_by, hash_of
from messaging.services.transactions import write_database

from .drawing import draw_from_sources, proposals_for
from .embedding import embedder, written
from .extracting import Add, Extractor, Known, ModelUnavailable, extractor
from .turns import Batch, next_batch, sources_of

__all__ = ["draw_memories", "tend_all_memories", "tend_memories"]

logger = logging.getLogger("messaging")

MOST_FAILURES = 5
"""Of an extractor that answers; then the turns are passed over."""
AT_ONCE = 200
"""Memories that are looked after in one step."""


@job(DRAW, max_attempts=ATTEMPTS)
def draw_memories(
    context: Context = PLAIN, *, workspace_id: str, conversation_id: str, message_id: str | None = None
) -> Counts:
    """Draw memories from what a conversation says, batch by batch, until nothing more is asked for; or from
    one of its messages, which was corrected.

    A batch and how far it reached are stored in one transaction: whoever comes after a worker that died
    draws what is left, and nothing twice.
    """
    counts = {"created": 0, "updated": 0, "deleted": 0}
    named = {"workspace_id": workspace_id, "conversation_id": conversation_id}
    if message_id is not None:
        return _draw_corrected(workspace_id, message_id)
    while not context.should_stop():
        batch = next_batch(workspace_id, conversation_id)
        if batch is None:
            if end_drawing(**named):
                break
            continue
        _draw(batch, counts, **named)
        context.progress(counts["created"], note="created")
    return counts


@job(TEND, max_attempts=ATTEMPTS)
def tend_memories(context: Context = PLAIN, *, workspace_id: str) -> Counts:
    """Draw anew what is hidden, and give vectors to what has none, in one workspace."""
    return {"redrawn": _redraw_all(context, workspace_id), "embedded": _embed(context, workspace_id)}


@job("tend_all_memories", every=timedelta(hours=1))
def tend_all_memories(context: Context = PLAIN) -> Counts:
    """The same in every workspace, for what was passed over, and after an embedder was set or replaced."""
    counts = {"redrawn": 0, "embedded": 0}
    for workspace_id in list(Workspace.objects.order_by("pk").values_list("pk", flat=True)):
        if context.should_stop():
            break
        for name, number in tend_memories(context, workspace_id=workspace_id).items():
            counts[name] += number
    return counts


def _draw(batch: Batch, counts: dict[str, int], *, workspace_id: str, conversation_id: str) -> None:
    named = {"workspace_id": workspace_id, "conversation_id": conversation_id}
    advance = partial(advance_cursor, **named, drawn_seq=batch.drawn_seq, to=batch.to)
    if not batch.sources:
        advance()
        return
    try:
        outcome = draw_from_sources(
            workspace_id=workspace_id, user_id=batch.user_id, sources=batch.sources, once=advance
        )
    except MemorySourcesGone:  # the next batch is without them
        return
    except (ModelUnavailable, MemoriesChanged):
        raise
    except Exception:
        if note_failure(**named, drawn_seq=batch.drawn_seq) < MOST_FAILURES:
            raise
        logger.exception("messages of conversation %s are passed over", conversation_id)
        advance()
        return
    for name in counts:
        counts[name] += len(getattr(outcome, name))


def _draw_corrected(workspace_id: str, message_id: str) -> Counts:
    """Draw from one message as it reads now. A repeat adds nothing."""
    messages = Message.objects.using(write_database()).for_workspace(workspace_id)
    user_id = messages.filter(pk=message_id).values_list("sender_id", flat=True).first() or ""
    sources = sources_of(workspace_id, user_id, [message_id])
    for _ in range(MOST_FAILURES):
        try:
            outcome = draw_from_sources(workspace_id=workspace_id, user_id=user_id, sources=sources)
            return {name: len(getattr(outcome, name)) for name in ("created", "updated", "deleted")}
        except MemorySourcesGone:  # corrected once more, which has a job of its own
            break
        except (ModelUnavailable, MemoriesChanged):
            raise
        except Exception:
            logger.exception("message %s cannot be drawn from", message_id)
    return {}


def _redraw_all(context: Context, workspace_id: str) -> int:
    """Draw anew the hidden memories of a workspace; one at which the extractor fails stays hidden."""
    using, redrawn = extractor(), 0
    if using is None:
        return 0
    for row in _memories(workspace_id).hidden().order_by("updated_at", "id"):
        if context.should_stop():
            break
        try:
            redrawn += _redraw(using, row)
        except ModelUnavailable:
            raise
        except Exception:
            logger.exception("memory %s cannot be drawn anew", row.pk)
    return redrawn


def _redraw(using: Extractor, row: Memory) -> bool:
    """Draw a hidden memory anew from the messages that are left; what they do not give any more goes."""
    sources = MemorySource.objects.using(write_database()).for_workspace(row.workspace_id)
    named = list(sources.filter(memory=row.pk).values_list("message_id", flat=True))
    left = sources_of(row.workspace_id, row.user_id, named)
    turns = [source.turn for source in left]
    proposals, seen = proposals_for(using, row.workspace_id, row.user_id, turns) if turns else ([], None)
    ids = [source.message_id for source in left]
    gone = dismissed_by(row.workspace_id, ids)
    added = [
        each
        for each in proposals
        if isinstance(each, Add)
        and not {(ids[number], hash_of(each.memory)) for number in each.turns} <= gone
    ]
    try:
        apply_memory_changes(
            workspace_id=row.workspace_id,
            user_id=row.user_id,
            changes=_anew(row.pk, added, seen.known if seen else (), ids),
            extractor=using.name,
            version=using.version,
            seen={**(seen.versions if seen else {}), row.pk: row.version},
            read={source.message_id: source.updated_at for source in left},
        )
    except (MemorySourcesGone, MemoriesChanged):  # which stirs it again
        return False
    return True


def _anew(
    memory_id: str, added: Sequence[Add], known: Sequence[Known], message_ids: Sequence[str]
) -> list[MemoryChange]:
    """The hidden memory with the first of these texts that nothing else says; what more the messages give has
    been drawn already."""
    if not added:
        return [DropMemory(memory_id=memory_id)]
    texts = {hash_of(each.memory) for each in known}
    first = min(added, key=lambda each: hash_of(each.memory) in texts)
    named = [message_ids[number] for number in first.turns]
    return [RedrawMemory(memory_id=memory_id, text=first.memory, topics=first.topics, message_ids=named)]


def _embed(context: Context, workspace_id: str) -> int:
    """Give vectors to the memories of a workspace that have none of the present embedder."""
    using, total = embedder(), 0
    if using is None:
        return 0
    rows = _memories(workspace_id).live().exclude(embedder=using.name, embedder__isnull=False)
    while not context.should_stop():
        batch = list(rows.order_by("-updated_at", "-id").values_list("pk", "memory", "version")[:AT_ONCE])
        if not batch:
            break
        vectors = written(using.embed([memory for _, memory, _ in batch]))
        embeddings = {pk: (version, vector) for (pk, _, version), vector in zip(batch, vectors, strict=True)}
        stored = store_embeddings(workspace_id=workspace_id, embedder=using.name, embeddings=embeddings)
        if not stored:
            break
        total += stored
        context.progress(total, note="embedded")
    return total


def _memories(workspace_id: str) -> MemoryQuerySet:
    return Memory.objects.using(write_database()).for_workspace(workspace_id)
