"""Drawing memories: what the extractor proposes for a batch of turns, checked, and applied once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

from messaging.conf import memory_settings
from messaging.exceptions import MemoriesChanged
from messaging.models import Memory, MemoryQuerySet
from messaging.services import (
    AddMemory,
    ChangeMemory,
    DropMemory,
    MemoryChange,
    MemoryOutcome,
    apply_memory_changes,
)
from messaging.services.transactions import write_database

from .checking import sound
from .extracting import Add, Change, Drop, Extractor, Known, Proposal, Turn, extractor
from .kept import vectors_of
from .nearness import embedded, nearest, nearest_to, same
from .turns import Source, without_recalled

__all__ = ["Seen", "draw_from_sources", "draw_from_texts", "known_of", "proposals_for"]

TRIES = 3
"""How often turns are read anew because what was read of them, or of memories, has changed meanwhile."""
MOST_SEEN = 10_000
"""Memories that an extractor is shown which sees all."""


class Seen(NamedTuple):
    """What an extractor was shown of a user: the memories, and the version that each was of."""

    known: list[Known]
    versions: dict[str, int]


def draw_from_sources(
    *, workspace_id: str, user_id: str, sources: Sequence[Source], once: Callable[[], bool] | None = None
) -> MemoryOutcome:
    """Draw memories of a user from messages of theirs; `once` as for `apply_memory_changes`.

    Raises MemorySourcesGone where a message is gone or corrected meanwhile, MemoriesChanged where memories
    have changed again and again, and whatever the extractor raises.
    """
    turns = [source.turn for source in sources]
    read = {source.message_id: source.updated_at for source in sources}
    return _draw(workspace_id, user_id, turns, read, once)


def draw_from_texts(*, workspace_id: str, user_id: str, messages: Iterable[tuple[str, str]]) -> MemoryOutcome:
    """Draw memories of a user from messages that the store does not hold, each (role, text).

    They have no sources. Only roles of the setting `ROLES` count. Raises whatever the extractor raises.
    """
    roles = memory_settings().roles
    turns = [Turn(text=without_recalled(text), role=role) for role, text in messages if role in roles]
    outcome, most = MemoryOutcome(), memory_settings().max_turns
    for start in range(0, len(turns), most):
        part = _draw(workspace_id, user_id, turns[start : start + most], {}, None)
        for name in ("created", "updated", "deleted", "known"):
            getattr(outcome, name).extend(getattr(part, name))
    return outcome


def proposals_for(
    using: Extractor, workspace_id: str, user_id: str, turns: Sequence[Turn]
) -> tuple[list[Proposal], Seen]:
    """What this extractor proposes that may be done, and what it was shown."""
    seen = known_of(workspace_id, user_id, [turn.text for turn in turns], sees_all=using.sees_all)
    return list(sound(using.extract(turns, seen.known), turns, seen.known)), seen


def known_of(workspace_id: str, user_id: str, texts: Sequence[str], *, sees_all: bool) -> Seen:
    """The memories of a user: all of them, hidden ones without a word, or those nearest to the texts."""
    rows = _live(workspace_id, user_id)
    if sees_all:
        shown = _mine(workspace_id, user_id).order_by("-updated_at", "-id")[:MOST_SEEN]
    else:
        shown = rows.filter(pk__in=nearest(rows, texts, memory_settings().max_known)).order_by("-updated_at")
    listed = list(shown.values_list("pk", "memory", "topics", "version"))
    known = [Known(id=pk, memory=memory, topics=tuple(topics or ())) for pk, memory, topics, _ in listed]
    return Seen(known, {pk: version for pk, _, _, version in listed})


def _draw(
    workspace_id: str,
    user_id: str,
    turns: Sequence[Turn],
    read: Mapping[str, datetime],
    once: Callable[[], bool] | None,
) -> MemoryOutcome:
    using = extractor()
    if using is None or not turns:
        return _apply(workspace_id, user_id, [], None, using, read, once)
    for left in reversed(range(TRIES)):
        proposals, seen = proposals_for(using, workspace_id, user_id, turns)
        changes = _changes(workspace_id, user_id, proposals, list(read))
        try:
            return _apply(workspace_id, user_id, changes, seen, using, read, once)
        except MemoriesChanged:
            if not left:
                raise
    raise AssertionError("unreachable")


def _apply(
    workspace_id: str,
    user_id: str,
    changes: Sequence[MemoryChange],
    seen: Seen | None,
    using: Extractor | None,
    read: Mapping[str, datetime],
    once: Callable[[], bool] | None,
) -> MemoryOutcome:
    return apply_memory_changes(
        workspace_id=workspace_id,
        user_id=user_id,
        changes=changes,
        extractor=using.name if using else "",
        version=using.version if using else "",
        # Where nothing is to be written, nothing rests on what was seen.
        seen=seen.versions if seen and changes else None,
        read=read,
        once=once,
    )


def _changes(
    workspace_id: str, user_id: str, proposals: Sequence[Proposal], message_ids: Sequence[str]
) -> list[MemoryChange]:
    """The proposals as changes of the store, with the messages that they rest on."""
    near = _near(workspace_id, user_id, [each.memory for each in proposals if isinstance(each, Add)])
    return [_change(each, near, message_ids) for each in proposals]


def _change(proposal: Proposal, near: dict[str, str], message_ids: Sequence[str]) -> MemoryChange:
    sources = [message_ids[number] for number in proposal.turns] if message_ids else []
    match proposal:
        case Drop():
            return DropMemory(memory_id=proposal.id)
        case Change():
            return ChangeMemory(
                memory_id=proposal.id,
                text=proposal.memory,
                topics=proposal.topics or None,
                message_ids=sources,
            )
        case Add():
            # A memory of the very text of one that is there gives that one its sources.
            text = near.get(proposal.memory, proposal.memory)
            return AddMemory(text=text, topics=proposal.topics, message_ids=sources)


def _near(workspace_id: str, user_id: str, texts: Sequence[str]) -> dict[str, str]:
    """For each of these texts that says what a memory of the user says in other words: that memory."""
    vectors = embedded(texts) if texts else None
    if vectors is None:
        return {}
    rows = _live(workspace_id, user_id)
    compared = cache(partial(vectors_of, rows, vectors.shape[1]))
    best = {
        text: near.id
        for number, text in enumerate(texts)
        for near in nearest_to(rows, vectors[number : number + 1], 1, compared)
        if near.cosine >= memory_settings().near
    }
    memories = dict(rows.filter(pk__in=set(best.values())).values_list("pk", "memory"))
    return {text: memories[pk] for text, pk in best.items() if pk in memories and same(text, memories[pk])}


def _live(workspace_id: str, user_id: str) -> MemoryQuerySet:
    return _mine(workspace_id, user_id).live()


def _mine(workspace_id: str, user_id: str) -> MemoryQuerySet:
    return Memory.objects.using(write_database()).for_workspace(workspace_id).of_user(user_id)
