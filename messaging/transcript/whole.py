"""The transcript of a conversation, whole or a window of it, in one of the formats."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from messaging.services.token_budget import FRAME
from messaging.values.types import JSONObject

from .formats import Format
from .omissions import Omissions
from .pieces import TOOL, Call, Piece, Reasoning, Result, Turn
from .reading import Conversed, read_conversation
from .selection import Selection
from .steps import Step, steps_of, turns_of
from .windows import anchored, begun, cut, lacks_start, starts_among, tokens_of

ALL = Selection()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A conversation as a client of a model's provider takes it."""

    given: JSONObject
    """The object, under the keys that the client takes: `client.messages.create(**transcript.given, ...)`."""
    token_count: int
    """Tokens of the messages in it, as the store counts them."""
    omitted: int
    """How many messages of the conversation are not in it."""
    over_budget: bool = False
    """Whether the pinned instructions alone are more than `max_tokens`, and so stand alone."""
    omissions: Omissions = field(default_factory=Omissions)
    """Which messages within the window were left out or lost a part, and why."""


def transcript_of(
    *, workspace_id: str, conversation_id: str, format: str, selection: Selection = ALL
) -> Transcript:
    """The transcript of a stored conversation, for code of a host.

    Raises ConversationNotFound, MessageNotFound for a bound that is no message of the conversation, and
    KeyError for a format that is none of `Format.known`.
    """
    kind = Format.known[format]()
    read = read_conversation(workspace_id, conversation_id, selection)
    chosen = _chosen(read, kind)
    while read.older and not chosen.is_full:
        read.read_on()
        chosen = _chosen(read, kind)
    return _written(read, kind, chosen)


@dataclass(slots=True, kw_only=True)
class Chosen:
    """What of a conversation that was read a transcript has."""

    window: list[Step] = field(default_factory=list)
    apart: list[Step] = field(default_factory=list)
    """The instructions, and the message with which it begins where the window has none."""
    is_full: bool = True
    """Whether messages in front of what was read cannot belong to it."""
    is_over: bool = False
    notes: Omissions


def _chosen(read: Conversed, kind: Format) -> Chosen:
    """What belongs to the transcript, as far as was read."""
    window, notes = read.selection.window, Omissions()
    pinned, taken = steps_of(read.pinned, notes), tokens_of(read.pinned)
    if window.max_tokens is not None and taken > window.max_tokens:
        return Chosen(apart=pinned, is_over=True, notes=notes)
    steps = _steps(read.turns, kind, read.selection, notes)
    latest = cut(steps, window, taken=taken)
    chosen = Chosen(
        apart=pinned, window=begun(latest.steps, kind.starts), is_full=latest.is_full, notes=notes
    )
    if latest.steps and lacks_start(latest.steps, kind.starts) and (chosen.is_full or not read.older):
        older = steps[: -len(latest.steps)]
        starts = chain(starts_among(older, kind.starts), _starts_before(read, kind, steps[-1], taken))
        start, rest = anchored(steps, window, starts, taken=taken)
        chosen.apart, chosen.window = [*pinned, *start], rest or chosen.window
    _note_dropped(latest.steps, chosen)
    return chosen


def _note_dropped(steps: Sequence[Step], chosen: Chosen) -> None:
    """Note what stands in front of the first message with which the provider accepts a start."""
    given = set(chosen.window)
    for step in steps:
        if step not in given:
            chosen.notes.note(step.turn.id, "start")


def _starts_before(read: Conversed, kind: Format, last: Step, taken: int) -> Iterator[list[Step]]:
    """What users said in front of what was read, as long as the last step fits behind it."""
    most = read.selection.max_tokens
    room = None if most is None else most - taken - tokens_of(last.turns) - FRAME
    for turn in read.users(room):
        yield from starts_among(_steps([turn], kind, read.selection, Omissions()), kind.starts)


def _steps(turns: Iterable[Turn], kind: Format, selection: Selection, notes: Omissions) -> list[Step]:
    """The steps of turns of which the format can say anything."""
    keep_open = "open_calls" in selection.include
    steps = steps_of(_included(turns, selection), notes, keep_open=keep_open)
    return [step for step in steps if kind.expresses_any(step, notes)]


def _written(read: Conversed, kind: Format, chosen: Chosen) -> Transcript:
    """The steps that were chosen, in the order of the conversation."""
    steps = [*chosen.apart, *chosen.window]
    if chosen.apart:
        steps.sort(key=lambda step: read.positions[step.turn.id])
    given = kind.write(steps, chosen.notes)
    shown = list(dict.fromkeys([*(read.pinned), *turns_of(steps)]))
    return Transcript(
        given=given,
        token_count=tokens_of(shown),
        omitted=read.message_count - len(shown),
        over_budget=chosen.is_over,
        omissions=_within(read, chosen),
    )


def _included(turns: Iterable[Turn], selection: Selection) -> list[Turn]:
    """The turns with what is asked for of them."""
    left_out = _left_out(selection)
    if not left_out:
        return list(turns)
    kept = [replace(turn, pieces=_without(turn.pieces, left_out)) for turn in turns]
    return [turn for turn in kept if turn.pieces and (turn.role != TOOL or Result not in left_out)]


def _left_out(selection: Selection) -> tuple[type[Piece], ...]:
    reasoning: tuple[type[Piece], ...] = () if "reasoning" in selection.include else (Reasoning,)
    return reasoning if "tool_results" in selection.include else (*reasoning, Call, Result)


def _without(pieces: Sequence[Piece], kinds: tuple[type[Piece], ...]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if not isinstance(piece, kinds))


def _within(read: Conversed, chosen: Chosen) -> Omissions:
    """What is noted of messages behind the first one of the window, and of those that are there besides; one
    that is full leaves out those in front of it."""
    first = {turn.id for turn in turns_of(chosen.window)}
    ids = [turn.id for turn in read.turns]
    begin = next((number for number, pk in enumerate(ids) if pk in first), len(ids)) if chosen.is_full else 0
    apart = {turn.id for turn in (*read.pinned, *turns_of(chosen.apart))}
    return read.notes.joined(chosen.notes.of(apart.union(ids[begin:])))
