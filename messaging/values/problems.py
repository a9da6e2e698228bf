"""A value that is refused by the rules for values, and why: pydantic's errors, and ours in their shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails, ValidationError

Problem = Mapping[str, Any]
"""`loc`, `msg`, `type`, and pydantic's `input` and `ctx`: one thing that is wrong with a value.

`hint` says what the caller may have meant.
"""


MOST_PROBLEMS = 100
"""So many are told; the last of them says under `more` how many others there are."""


def told(problems: Sequence[Problem], count: int) -> Sequence[Problem]:
    """The first of `count` problems."""
    if count <= MOST_PROBLEMS:
        return problems
    *first, last = problems[:MOST_PROBLEMS]
    return [*first, {**last, "more": count - MOST_PROBLEMS}]


class ValueRefused(Exception):
    """A value as a whole is refused, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(_text_of, problems[:3])))
        self.problems = problems


def _text_of(problem: Problem) -> str:
    return f"{problem['msg']}: {problem['hint']}" if "hint" in problem else str(problem["msg"])


def problems_of(error: ValidationError, source: str) -> list[Problem]:
    """Pydantic's errors with the part of the request in front of `loc`: `body`, `query`, ..."""
    return [_located(details, source) for details in error.errors(include_url=False)]


def _located(details: ErrorDetails, source: str) -> Problem:
    return {**details, "loc": (source, *details["loc"])}
