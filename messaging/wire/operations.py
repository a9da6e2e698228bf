"""An operation of a wire: what it takes, what it needs, what it answers, said once, above its handler.

The view reads it to check permission and input, the schema to document them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpResponseBase
from pydantic import BaseModel
from rest_framework.request import Request

if TYPE_CHECKING:
    from .view import WireViewSet

__all__ = ["Operation", "operation"]

Handler = TypeVar("Handler", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    summary: str
    permission: str | None
    """Which of `choices.Permission` the caller must hold; None where any key will do."""
    answer: Any = None
    """Type of the successful answer, as pydantic understands types; bytes for a file, None for no body."""
    status: int = 200
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    idempotent: bool = False
    """A POST that honours `Idempotency-Key`."""
    not_found: str | None = None
    """Description of its 404, for operations that have one."""
    conflict: str | None = None
    """Description of its 409, for operations that have one."""
    further: Mapping[str, str] = field(default_factory=dict)
    """Descriptions of other answers, by status: files where they are successes, else without a body."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """Request bodies that work when tried, by title."""
    operation_id: str | None = None
    """The vendor's own, where the vendor publishes the operation."""


def operation(**facts: Any) -> Callable[[Handler], Any]:
    """Make a method of a WireViewSet the handler of an Operation with these facts.

    The handler is called with the path parameters and, where the operation has them, `body` and `query`
    validated; every error in them is reported at once, as FastAPI does.
    """
    described = Operation(**facts)

    def decorate(handler: Handler) -> Any:
        @wraps(handler)
        def handle(view: "WireViewSet", request: Request, **path: str) -> HttpResponseBase:
            return view.perform(described, handler, path)

        handle.operation = described  # type: ignore[attr-defined]
        return handle

    return decorate
