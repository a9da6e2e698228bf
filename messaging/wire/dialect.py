"""A wire as a value: all that the machinery of `wire` must know to speak as one vendor does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from messaging.values.json import WriteMoment

from .errors import Refusal
from .responses import WireResponse

# The ways of carrying a key that `auth` accepts, as OpenAPI describes them. Each vendor names them.
BEARER_SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "An API key as `Authorization: Bearer KEY`; `X-API-Key: KEY` is accepted too.",
}
AUTHORIZATION_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "An API key, with or without `Bearer ` before it.",
}


@dataclass(frozen=True, slots=True)
class ErrorFormat:
    """How a wire renders a refusal."""

    model: type[BaseModel]
    """The body, as the OpenAPI document shows it."""
    body: Callable[[Refusal], object]
    """Makes the JSON value that the client gets."""
    statuses: Mapping[int | str, int] = field(default_factory=dict)
    """The wire's own statuses: by the usual status, or by the code of one reason, which wins."""
    invalid_model: type[BaseModel] | None = None
    """The body where the request does not fit its model, if it is another."""
    headers: Callable[[Refusal], Mapping[str, str]] = lambda refusal: {}
    """What the vendor's clients read in the headers of a refusal, besides those of HTTP."""

    def status(self, status: int, code: str = "") -> int:
        """The status with which this wire answers what is usually answered with `status`."""
        return self.statuses.get(code, self.statuses.get(status, status))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One wire. Its folder defines the value, its views name it, and `routes.mount` mounts it."""

    name: str
    """Short and stable, such as `mielto`: tests, logs and stored content name the wire by it."""
    prefix: str
    """The path below which the site mounts it, such as `api/v1/`."""
    urls: str
    """The module whose `operations` are its routes and whose `urlpatterns` close them, as a dotted path."""
    errors: ErrorFormat
    security: Mapping[str, Mapping[str, Any]]
    """OpenAPI security schemes by the vendor's names, the vendor's preferred one first."""
    ignored_headers: Sequence[str] = ()
    """Headers that the vendor documents and that have no effect here."""
    shows_columns: bool = False
    """Whether its answers show rows under the names of their columns, so that those that are kept for retries
    can follow a redaction; the others are forgotten then."""
    moment: WriteMoment | None = None
    """How the wire writes a time, where it is not ISO 8601 in UTC with a `Z`."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """What the document tells of each heading of the wire."""
    nouns: Mapping[str, str] = field(default_factory=dict)
    """The wire's own nouns, by those of `messaging.exceptions`, for what does not exist."""

    def __str__(self) -> str:
        return self.name

    def refuse(self, refusal: Refusal) -> WireResponse:
        """The answer that renders this refusal."""
        if refusal.noun and refusal.noun in self.nouns:
            refusal = replace(refusal, detail=f"{self.nouns[refusal.noun]} not found")
        status = self.errors.status(refusal.status, refusal.code)
        headers = {**refusal.headers, **self.errors.headers(refusal)}
        return WireResponse(self.errors.body(refusal), status, headers)
