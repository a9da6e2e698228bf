"""Errors in FastAPI's format, which several vendors use: `{"detail": ...}`."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, Field

from messaging.conf import parley_settings
from messaging.values.problems import Problem

from .dialect import ErrorFormat
from .errors import Refusal

ECHOED = ("input", "ctx")
MOST_ECHOED = 64 * 1024
"""Characters of refused values that an answer repeats."""


class ValidationError(BaseModel):
    """One thing that is wrong with a request."""

    loc: list[str | int] = Field(title="Location")
    msg: str = Field(title="Message")
    type: str = Field(title="Error Type")


class HTTPValidationError(BaseModel):
    """Everything that is wrong with a request."""

    detail: list[ValidationError] = []


class ErrorDetail(BaseModel):
    """Why a request was not carried out."""

    detail: str


def _body(refusal: Refusal) -> object:
    """A text as `detail`; for a request that does not fit its model, pydantic's errors as a list."""
    if not refusal.problems:
        return {"detail": refusal.detail}
    echo = _Echo() if parley_settings().echo_invalid_input else None
    return {"detail": [_told(problem, echo) for problem in refusal.problems]}


def _told(problem: Problem, echo: "_Echo | None") -> dict[str, Any]:
    """A problem as it is answered, with the refused value while there is room for it."""
    shown = {name: value for name, value in problem.items() if name not in ECHOED}
    for name in ECHOED:
        if echo and name in problem:
            with suppress(_TooMuch):
                shown[name] = echo.of(problem[name])
    return {name: shown[name] for name in problem if name in shown}


class _TooMuch(Exception):
    """An answer has no more room for refused values."""


class _Echo:
    """What an answer repeats of what was refused, as FastAPI encodes it: bytes as text, models as objects,
    exceptions as `{}`. A value that is wrong in many ways would come back many times."""

    def __init__(self) -> None:
        self.room = MOST_ECHOED

    def of(self, value: Any) -> Any:
        """The value as it is shown. Raises _TooMuch."""
        self.room -= len(value) if isinstance(value, str | bytes) else 1
        if self.room < 0:
            raise _TooMuch
        match value:
            case str() if not value.isascii():
                return value.encode("utf-8", "replace").decode()
            case None | str() | bool() | int() | float():
                return value
            case bytes():
                return value.decode("utf-8", "replace")
            case BaseModel():
                return self.of(value.model_dump(mode="json"))
            case Mapping():
                return {str(self.of(key)): self.of(item) for key, item in value.items()}
            case list() | tuple() | set():
                return [self.of(item) for item in value]
            case Exception():
                return {}
        return str(value)


FASTAPI_ERRORS = ErrorFormat(ErrorDetail, _body, invalid_model=HTTPValidationError)
