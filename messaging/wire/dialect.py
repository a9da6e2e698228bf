"""A wire as a value: all that the machinery of `wire` must know to speak as one vendor does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar

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


class ErrorFormat(ABC):
    """How a wire renders a refusal."""

    model: ClassVar[type[BaseModel]]
    """The body of a refusal, as the OpenAPI document shows it."""
    invalid_model: ClassVar[type[BaseModel]]
    """The body where the request does not fit its model."""
    statuses: ClassVar[Mapping[int | str, int]] = MappingProxyType({})
    """The wire's own statuses: by the usual status, or by the code of one reason, which wins."""

    @abstractmethod
    def body(self, refusal: Refusal) -> object:
        """The JSON value that the client gets."""

    def headers(self, refusal: Refusal) -> Mapping[str, str]:
        """The headers that the client gets."""
        return refusal.headers

    def status(self, status: int, code: str = "") -> int:
        """The status with which this wire answers what is usually answered with `status`."""
        return self.statuses.get(code, self.statuses.get(status, status))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One wire. Its folder defines the value, its views name it, and `routes.mount` mounts it."""

    name: str
    """Short and stable, such as `mielto`: tests, logs and stored content name the wire by it."""
    title: str
    """The name of the product, for people."""
    prefix: str
    """The path below which the site mounts it, such as `api/v1/`."""
    urls: str
    """The module whose `operations` are its routes and whose `urlpatterns` close them, as a dotted path."""
    errors: ErrorFormat
    security: Mapping[str, Mapping[str, Any]]
    """OpenAPI security schemes by the vendor's names, the vendor's preferred one first."""
    ignored_headers: Sequence[str] = ()
    """Headers that the vendor documents and that have no effect here."""
    moment: WriteMoment | None = None
    """How the wire writes a time, where it is not ISO 8601 in UTC with a `Z`."""
    nouns: Mapping[str, str] = field(default_factory=dict)
    """The wire's own nouns, by those of `messaging.exceptions`, for what does not exist."""

    def __str__(self) -> str:
        return self.title

    def refuse(self, refusal: Refusal) -> WireResponse:
        """The answer that renders this refusal."""
        if refusal.noun and refusal.noun in self.nouns:
            refusal = replace(refusal, detail=f"{self.nouns[refusal.noun]} not found")
        status = self.errors.status(refusal.status, refusal.code)
        return WireResponse(self.errors.body(refusal), status, self.errors.headers(refusal))
