"""A value that is refused by the rules for values, and why: pydantic's errors, and ours in their shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails, ValidationError

Problem = Mapping[str, Any]
"""`loc`, `msg`, `type`, and pydantic's `input` and `ctx`: one thing that is wrong with a value."""


class ValueRefused(Exception):
    """A value as a whole is refused, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem["msg"]) for problem in problems[:3]))
        self.problems = problems


def problems_of(error: ValidationError, source: str) -> list[Problem]:
    """Pydantic's errors with the part of the request in front of `loc`: `body`, `query`, ..."""
    return [_located(details, source) for details in error.errors(include_url=False)]


def _located(details: ErrorDetails, source: str) -> Problem:
    return {**details, "loc": (source, *details["loc"])}
