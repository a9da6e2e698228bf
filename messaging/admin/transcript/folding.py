"""Which result answers which call, among the messages of a page and its margin."""

from collections import defaultdict
from collections.abc import Iterable

from .entries import Entry
from .pieces import Call, Result

__all__ = ["fold_results"]


def fold_results(entries: Iterable[Entry]) -> None:
    """Give each call the results that carry its id, and each result its call.

    Agents count their calls anew in every turn, so an id names the last call before its result. Only a
    result that came in before its call, as imports may have it, goes to the next one.
    """
    calls: dict[str, Call] = {}
    waiting: dict[str, list[Result]] = defaultdict(list)
    for piece in (piece for entry in entries for piece in entry.pieces):
        if isinstance(piece, Call) and piece.call_id:
            calls[piece.call_id] = piece
            for result in waiting.pop(piece.call_id, ()):
                _answer(piece, result)
        elif isinstance(piece, Result) and piece.call_id:
            if call := calls.get(piece.call_id):
                _answer(call, piece)
            else:
                waiting[piece.call_id].append(piece)


def _answer(call: Call, result: Result) -> None:
    result.call = call
    call.results.append(result)
