"""Which steps of a conversation a transcript has: as many of the latest as asked for, from a legal start."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, groupby, takewhile

from .pieces import Turn
from .steps import Step, turns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """How much of a conversation is asked for; the latest of it."""

    last: int | None = None
    """Most messages, pinned ones aside."""
    max_tokens: int | None = None
    """Most tokens, pinned messages included."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a window holds."""

    steps: list[Step]
    is_full: bool
    """Whether it holds no more, whatever stands in front of it."""


def cut(steps: Sequence[Step], window: Latest, *, taken: int = 0) -> Cut:
    """The latest steps that the window holds whole, where so many tokens are taken already."""
    kept: list[Step] = []
    turns: set[Turn] = set()
    tokens = taken
    for step in reversed(steps):
        new = [turn for turn in step.turns if turn not in turns]
        tokens += sum(turn.tokens for turn in new)
        turns.update(new)
        is_too_many = window.last is not None and len(turns) > window.last
        if is_too_many or (window.max_tokens is not None and tokens > window.max_tokens):
            return Cut(kept[::-1], is_full=True)
        kept.append(step)
    return Cut(kept[::-1], is_full=len(turns) == window.last)


def begun(steps: Sequence[Step], starts: Collection[str]) -> list[Step]:
    """The steps from the first on with which a conversation may begin, behind instructions at their head."""
    head = list(takewhile(lambda step: step.is_system, steps))
    rest = steps[len(head) :]
    return [*head, *dropwhile(lambda step: bool(starts) and step.role not in starts, rest)]


def lacks_start(steps: Iterable[Step], starts: Collection[str]) -> bool:
    """Whether a conversation may begin with none of these steps."""
    return bool(starts) and not any(step.role in starts for step in steps)


def starts_among(steps: Sequence[Step], starts: Collection[str]) -> Iterator[list[Step]]:
    """The messages with which a conversation may begin, the latest first, each with all that it says."""
    for _, group in groupby(reversed(steps), key=lambda step: step.turn):
        message = list(group)[::-1]
        if message[0].role in starts:
            yield message


def anchored(
    steps: Sequence[Step], window: Latest, starts: Iterable[list[Step]], *, taken: int = 0
) -> tuple[list[Step], list[Step]]:
    """(the first of these starts that leaves room for a step behind it, the latest steps besides it); both
    are empty where none does. `last` does not count the start, `max_tokens` does."""
    for start in starts:
        kept = cut(steps, window, taken=taken + tokens_of(turns_of(start))).steps
        if kept:
            return start, kept
    return [], []


def tokens_of(turns: Collection[Turn]) -> int:
    """Of all of them together."""
    return sum(turn.tokens for turn in turns)
