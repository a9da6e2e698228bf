"""What the site documents of each of its wires."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings

from config.wires import dialect_of, dialects
from messaging.wire.dialect import Dialect
from messaging.wire.schema import openapi_document

__all__ = ["PREFIX", "Documented", "documented", "wire_of"]

PREFIX = getattr(settings, "API_PREFIX", "")
"""Where a host mounts us."""


class Documented(NamedTuple):
    """An operation of the OpenAPI document, at its path without what a host puts in front of it."""

    dialect: Dialect
    method: str
    path: str
    facts: dict[str, Any]

    @property
    def name(self) -> str:
        """As markers and baselines name it. PUT and PATCH of one handler have one name."""
        return str(self.facts["summary"]).lower().replace(" ", "_")

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def documented(*only: Dialect) -> Iterator[Documented]:
    """The operations of these wires, or of all, in the order of the document."""
    for path, methods in openapi_document()["paths"].items():
        dialect = wire_of(path)
        if dialect in (only or dialects()):
            for method, facts in methods.items():
                yield Documented(dialect, method.upper(), path.removeprefix(PREFIX), facts)


def wire_of(path: str) -> Dialect:
    """The wire that answers this path. Raises AssertionError for a page."""
    dialect = dialect_of(path.removeprefix(PREFIX))
    assert dialect, f"{path} belongs to no wire"
    return dialect
