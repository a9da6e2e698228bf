"""An operation of a wire: what it takes, needs and answers, declared once, above its handler.

The view reads it to check permission and input, the schema to document them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Protocol

from django.http import HttpResponseBase
from pydantic import BaseModel
from rest_framework.request import Request

from .shapes import Body

Payload = object
"""What a handler answers: the JSON value, or a response where it is a file."""
Handler = Callable[..., Payload]
"""A method of a view: takes the path parameters and, where the operation has them, `body` and `query`."""


class Performs(Protocol):
    """The view of a handler."""

    def perform(
        self, operation: "Operation", handler: Handler, path: Mapping[str, str]
    ) -> HttpResponseBase: ...


@dataclass(frozen=True, slots=True)
class Operation:
    """Decorates a method of a WireViewSet, which becomes the handler of this operation.

    `body` and `query` are the types of the handler's arguments of these names. The handler is called with
    everything validated; every error is reported at once, as FastAPI does.
    """

    summary: str
    permission: str | None
    """Which of `choices.Permission` the caller must hold; None where any key will do."""
    answer: Any = None
    """Type of the successful answer, as pydantic understands types; bytes for a file, None for no body,
    a class of EventStream for events as they come."""
    status: int = 200
    body_required: bool = True
    """Whether a request without a body is refused; otherwise it counts as an empty object."""
    idempotent: bool = False
    """A POST that honours `Idempotency-Key`."""
    not_found: str | None = None
    """Description of its 404, where the view's `not_found` does not say it all."""
    conflict: str | None = None
    """Description of its 409, for operations that have one."""
    further: Mapping[str, str | type[BaseModel]] = field(default_factory=dict)
    """Other answers, by status: models of bodies, or descriptions of files and of failures that have none."""
    text: bool = False
    """Whether the body, and of a GET the answer, may be `text/plain` too."""
    operation_id: str | None = None
    """The vendor's own, where the vendor publishes the operation."""
    body: type[Body] | None = None
    query: type[BaseModel] | None = None

    def __call__(self, handler: Handler) -> Callable[..., HttpResponseBase]:
        takes = handler.__annotations__
        operation = replace(self, body=takes.get("body"), query=takes.get("query"))

        @wraps(handler)
        def handle(view: Performs, request: Request, **path: str) -> HttpResponseBase:
            return view.perform(operation, handler, path)

        handle.operation = operation  # type: ignore[attr-defined]
        return handle


operation = Operation


def operation_of(handle: object) -> Operation | None:
    """The operation of a method of a view; None for a method that is no handler."""
    return getattr(handle, "operation", None)
