"""A request that does not fit its model: FastAPI's 422, item by item."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails, ValidationError

from messaging.conf import parley_settings

__all__ = ["Problem", "RequestInvalid", "problems_of"]

Problem = Mapping[str, Any]
"""`loc`, `msg`, `type`, and pydantic's `input` and `ctx`: one entry of a 422's `detail`."""


class RequestInvalid(Exception):
    """The request as a whole is refused, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems

    def detail(self) -> list[dict[str, Any]]:
        """The list as it goes out; `input` and `ctx` only where the settings say so."""
        hidden = set() if parley_settings().echo_invalid_input else {"input", "ctx"}
        return [
            {name: _plain(value) for name, value in problem.items() if name not in hidden}
            for problem in self.problems
        ]


def problems_of(error: ValidationError, source: str) -> list[Problem]:
    """Pydantic's errors with the part of the request in front of `loc`: `body`, `query`, ..."""
    return [_located(details, source) for details in error.errors(include_url=False)]


def _located(details: ErrorDetails, source: str) -> Problem:
    return {**details, "loc": (source, *details["loc"])}


def _plain(value: Any) -> Any:
    """As FastAPI encodes what it echoes: bytes as text, models as objects, exceptions as `{}`."""
    match value:
        case str() if not value.isascii():
            return value.encode("utf-8", "replace").decode()
        case None | str() | bool() | int() | float():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case BaseModel():
            return value.model_dump(mode="json")
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [_plain(item) for item in value]
        case Exception():
            return {}
    return str(value)
