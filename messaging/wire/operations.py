"""An operation of a wire: what it takes, needs and answers, declared once, above its handler.

The view reads it to check permission and input, the schema to document them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, Protocol, TypeVar, cast

from django.http import HttpResponseBase
from pydantic import BaseModel
from rest_framework.request import Request

__all__ = ["Handle", "Handler", "Operation", "Payload", "operation", "operation_of"]

Payload = object
"""What a handler answers: the JSON value, or a response where it is a file or has headers of its own."""
Handler = Callable[..., Payload]
"""A method of a view: takes the path parameters and, where the operation has them, `body` and `query`."""


class Performs(Protocol):
    """The view of a handler."""

    def perform(
        self, operation: "Operation", handler: Handler, path: Mapping[str, str]
    ) -> HttpResponseBase: ...


View = TypeVar("View", bound=Performs)
Handle = Callable[Concatenate[View, Request, ...], HttpResponseBase]
"""The method that DRF calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Decorates a method of a WireViewSet, which becomes the handler of this operation.

    The handler is called with everything validated; every error is reported at once, as FastAPI does.
    """

    summary: str
    permission: str | None
    """Which of `choices.Permission` the caller must hold; None where any key will do."""
    answer: Any = None
    """Type of the successful answer, as pydantic understands types; bytes for a file, None for no body."""
    status: int = 200
    body: type[BaseModel] | None = None
    body_required: bool = True
    """Whether a request without a body is refused; otherwise it counts as an empty object."""
    query: type[BaseModel] | None = None
    idempotent: bool = False
    """A POST that honours `Idempotency-Key`."""
    not_found: str | None = None
    """Description of its 404, for operations that have one."""
    conflict: str | None = None
    """Description of its 409, for operations that have one."""
    further: Mapping[str, str] = field(default_factory=dict)
    """Descriptions of other answers, by status: files where they are successes, else without a body."""
    examples: Mapping[str, object] = field(default_factory=dict)
    """Request bodies that work when tried, by title."""
    operation_id: str | None = None
    """The vendor's own, where the vendor publishes the operation."""

    def __call__(self, handler: Handler) -> Handle[Any]:
        @wraps(handler)
        def handle(view: Performs, request: Request, **path: str) -> HttpResponseBase:
            return view.perform(self, handler, path)

        handle.operation = self  # type: ignore[attr-defined]
        return cast(Handle[Any], handle)


operation = Operation


def operation_of(handle: object) -> Operation | None:
    """The operation of a method of a view; None for a method that is no handler."""
    return getattr(handle, "operation", None)
