"""Transcripts that come in: every message, or what the conversation does not hold yet.

A client that sends its whole history each time is understood by what the format can tell: of a conversation
that begins with the same words, calls and results the rest is stored.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import orjson

from messaging.conf import parley_settings
from messaging.exceptions import Conflict, ConversationGrew, InvalidValue
from messaging.models import Message
from messaging.services import MessageDraft, Writer, append_behind, append_messages
from messaging.values.json import dumps, parsed_or_text

from .drafts import draft_of
from .formats import Format
from .omissions import Omissions
from .pieces import Call, Data, File, Piece, Reasoning, Text, Turn
from .reading import MOST_MESSAGES, read_conversation
from .selection import Selection
from .steps import Step, steps_of

EVERYTHING = Selection(include=frozenset({"reasoning", "tool_results", "hidden"}))
ATTEMPTS = 5
"""So often a history is compared anew because somebody else has written meanwhile."""
Keys = list[tuple[object, Piece]]
"""What tells a piece from others, and the piece."""


class HistoryDiverges(Conflict):
    """The history that was sent is not one that goes on from the conversation."""

    def __init__(self, turn: Turn) -> None:
        super().__init__(
            f"The history differs from the conversation at {'.'.join(map(str, turn.loc[1:]))}: send what the"
            " conversation holds, unchanged, and then what is new; or store with mode=append"
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of turns."""

    messages: list[Message]
    known: int
    """Pieces of them that the conversation held already."""


def store_transcript(
    *,
    workspace_id: str,
    conversation_id: str,
    turns: Sequence[Turn],
    format: Format,
    writer: Writer,
    reconcile: bool = False,
) -> Stored:
    """Append these turns, or with `reconcile` those that a conversation of the same beginning does not hold.

    Raises ConversationNotFound, ConversationLocked, InvalidValue for more messages than one call may store,
    and HistoryDiverges.
    """
    target = {"workspace_id": workspace_id, "conversation_id": conversation_id, "writer": writer}
    if not reconcile:
        with _named_as_sent(turns):
            return Stored(append_messages(**target, drafts=_drafts(turns)), 0)  # type: ignore[arg-type]
    for _ in range(ATTEMPTS):
        read = read_conversation(workspace_id, conversation_id, EVERYTHING)
        if read.message_count > MOST_MESSAGES:
            raise InvalidValue(("query", "mode"), f"Of at most {MOST_MESSAGES:,} messages", "too_long")
        fresh, known = unknown_of(turns, read.turns, format)
        with suppress(ConversationGrew), _named_as_sent(fresh):
            rows = append_behind(**target, last_seq=read.last_seq, drafts=_drafts(fresh))  # type: ignore[arg-type]
            return Stored(rows, known)
    raise ConversationGrew


def unknown_of(sent: Sequence[Turn], held: Sequence[Turn], format: Format) -> tuple[list[Turn], int]:
    """(what of a history is not held, how many of its pieces are). Raises HistoryDiverges."""
    given = _keys(sent, format, keep_open=True)
    if sent and not given:  # results alone begin no history
        raise HistoryDiverges(sent[0])
    for keep_open in (True, False):  # calls that nobody answered are not given out, and so not sent back
        stored = _keys(held, format, keep_open=keep_open)
        common = sum(1 for _ in _common(given, stored))
        if common == min(len(given), len(stored)):
            return _behind(sent, given[common - 1][1] if common else None), common
    raise HistoryDiverges(sent[_number(sent, given[common][1])])


def _common(given: Keys, stored: Keys) -> Iterator[object]:
    for (key, _), (other, _) in zip(given, stored, strict=False):
        if key != other:
            return
        yield key


def _behind(turns: Sequence[Turn], last: Piece | None) -> list[Turn]:
    """The turns behind this piece, of its own turn what follows it; all of them where there is none."""
    if last is None:
        return list(turns)
    number = _number(turns, last)
    rest = turns[number].pieces[turns[number].pieces.index(last) + 1 :]
    return [*([replace(turns[number], pieces=rest, item=None)] if rest else []), *turns[number + 1 :]]


def _number(turns: Sequence[Turn], piece: Piece) -> int:
    return next(number for number, turn in enumerate(turns) if piece in turn.pieces)


def _keys(turns: Sequence[Turn], format: Format, *, keep_open: bool) -> Keys:
    """What the format tells of turns, piece by piece, in the order in which it tells it."""
    steps = steps_of(turns, Omissions(), keep_open=keep_open)
    if format.hoists_system:
        steps.sort(key=lambda step: not step.is_system)
    return [pair for step in steps for pair in _of_step(step, format)]


def _of_step(step: Step, format: Format) -> Iterator[tuple[object, Piece]]:
    role = "system" if step.is_system else step.role
    for piece in step.pieces:
        if format.says(piece, step.role):
            yield (role, *_key(piece)), piece
    for number, call in enumerate(step.calls):
        if result := step.results.get(call):
            yield ("result", number, _value(result.output)), result


def _key(piece: Piece) -> tuple[object, ...]:
    """Kind and words of a piece. Ids and remarks stay aside: formats change the ones and drop the others."""
    match piece:
        case Call():
            return "call", piece.name, _value(piece.fields)
        case Text() | Reasoning():
            return type(piece).__name__, piece.text.strip()
        case File():
            return "file", piece.url or piece.file_id
        case Data():
            return "data", _value(piece.data)
    return (type(piece).__name__,)


def _value(value: object) -> bytes:
    """A JSON value, also one that stands in a text, whatever the order of its keys."""
    value = parsed_or_text(value)
    return dumps(value, orjson.OPT_SORT_KEYS)


@contextmanager
def _named_as_sent(turns: Sequence[Turn]) -> Iterator[None]:
    """What a service refuses of a draft is told by where its turn stands in what was sent."""
    try:
        yield
    except InvalidValue as refusal:
        match refusal.loc:
            case ("body", "messages", int(number), *_):
                raise InvalidValue(turns[number].loc, str(refusal), refusal.kind) from None
        raise


def _drafts(turns: Sequence[Turn]) -> list[MessageDraft]:
    limit = parley_settings().max_batch
    if len(turns) > limit:
        reason = f"A call takes at most {limit} messages, not {len(turns)}"
        raise InvalidValue(("body",), reason, "too_long")
    return [draft_of(turn) for turn in turns]
