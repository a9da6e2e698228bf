"""Errors in FastAPI's format, which several vendors use: `{"detail": ...}`."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from messaging.conf import parley_settings

from .dialect import ErrorFormat
from .errors import Refusal


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
    hidden = set() if parley_settings().echo_invalid_input else {"input", "ctx"}
    return {
        "detail": [
            {name: _plain(value) for name, value in problem.items() if name not in hidden}
            for problem in refusal.problems
        ]
    }


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


FASTAPI_ERRORS = ErrorFormat(ErrorDetail, _body, invalid_model=HTTPValidationError)
