"""From turns to steps: every call with its result, so that nothing can be cut between them.

Ids of calls repeat in real conversations, though never while a call is open. So a result answers the latest
open call of its id, wherever it stands, and is given right behind that call.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .omissions import Omissions
from .pieces import ASSISTANT, SYSTEM, TOOL, Call, Piece, Result, Text, Turn


@dataclass(slots=True, kw_only=True, eq=False)
class Step:
    """What one author says without a break, and what the calls in it were answered."""

    role: str
    """Never that of a tool."""
    pieces: list[Piece]
    """In their order, calls among them, results not."""
    turn: Turn
    """The one that it is, or is a share of."""
    results: dict[Call, Result] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    """All that it is made of, those of the results included."""

    @property
    def is_system(self) -> bool:
        return self.role in SYSTEM

    @property
    def calls(self) -> list[Call]:
        return [piece for piece in self.pieces if isinstance(piece, Call)]

    @property
    def answered(self) -> list[tuple[Call, Result]]:
        """The calls with their results, in the order of the calls; only an assistant's count."""
        calls = self.calls if self.role == ASSISTANT else []
        return [(call, self.results[call]) for call in calls if call in self.results]


class _OpenCalls:
    """The calls that nobody has answered yet, by their id."""

    def __init__(self) -> None:
        self._by_id: dict[str | None, list[tuple[Step, Call]]] = {}

    def add(self, step: Step, call: Call) -> None:
        self._by_id.setdefault(call.id, []).append((step, call))

    def take(self, result: Result) -> Step | None:
        """Answer the call that the result means; its step, None where there is no such call."""
        for call_id in self._by_id if result.id is None else (result.id, None):
            if match := _latest(result, self._by_id.get(call_id, [])):
                self._by_id[call_id].remove(match)
                step, call = match
                step.results[call] = result
                return step
        return None


def _latest(result: Result, waiting: Sequence[tuple[Step, Call]]) -> tuple[Step, Call] | None:
    """Of the last step with a call that fits, the first such call: parallel results come in its order."""
    is_named = result.id is None and result.name
    fitting = [each for each in waiting if not is_named or each[1].name in ("", result.name)]
    return next((each for each in fitting if each[0] is fitting[-1][0]), None)


def steps_of(turns: Iterable[Turn], notes: Omissions, *, keep_open: bool = False) -> list[Step]:
    """The steps of a conversation. What is left out of it is noted.

    A result without a call is left out, and a call without a result too; with `keep_open` those of the
    last step stay, whose results may still come.
    """
    steps: list[Step] = []
    waiting = _OpenCalls()
    for turn in turns:
        for piece in _opened(turn, steps, notes):
            if isinstance(piece, Result):
                _answer(piece, turn, waiting, notes)
            elif turn.role == TOOL:
                notes.note(turn.id, "not_a_result")
            else:
                steps[-1].pieces.append(piece)
                if isinstance(piece, Call):
                    waiting.add(steps[-1], piece)
    for number, step in enumerate(steps, 1):
        if not keep_open or number < len(steps):
            _close(step, notes)
    return [step for step in steps if _says_something(step, notes)]


def _opened(turn: Turn, steps: list[Step], notes: Omissions) -> Iterator[Piece]:
    """What a turn says; a step begins with it, and wherever it goes on behind a result."""
    is_open = False
    pieces = [piece for piece in turn.pieces if not isinstance(piece, Text) or piece.text]
    if not pieces:
        notes.note(turn.id, "empty")
    for piece in pieces:
        is_result = isinstance(piece, Result)
        if not is_result and not is_open and turn.role != TOOL:
            steps.append(Step(role=turn.role, pieces=[], turn=turn, turns=[turn]))
        is_open = not is_result
        yield piece


def _answer(result: Result, turn: Turn, waiting: _OpenCalls, notes: Omissions) -> None:
    step = waiting.take(result)
    if step is None:
        notes.note(turn.id, "result_without_call")
    elif turn not in step.turns:
        step.turns.append(turn)


def _close(step: Step, notes: Omissions) -> None:
    """Leave out the calls that nobody answered."""
    if any(call not in step.results for call in step.calls):
        notes.note(step.turn.id, "call_without_result")
        step.pieces = [piece for piece in step.pieces if not isinstance(piece, Call) or piece in step.results]


def _says_something(step: Step, notes: Omissions) -> bool:
    if not step.pieces:
        notes.note(step.turn.id, "empty")
    return bool(step.pieces)


def turns_of(steps: Iterable[Step]) -> list[Turn]:
    """All turns that these steps are made of, each once."""
    return list(dict.fromkeys(turn for step in steps for turn in step.turns))


def merged(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Neighbours of one role together, for providers that want roles to alternate. An answered step ends its
    neighbourhood, for its results are said by the other side."""
    group: list[Step] = []
    for step in steps:
        if group and (step.role != group[-1].role or group[-1].results):
            yield group
            group = []
        group.append(step)
    if group:
        yield group
