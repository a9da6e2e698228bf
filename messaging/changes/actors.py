"""Who writes: whoever serves a caller says so once, and every change that it causes carries it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from messaging.values.choices import ActorKind

__all__ = ["Actor", "acting_as", "current_actor"]


class Actor(NamedTuple):
    """Who caused a change."""

    kind: ActorKind
    id: str
    """The id of the key or of the staff user, or the `identity` that a host's own authentication gives."""


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[None]:
    """Within, or within what it decorates, changes are this actor's; None for nobody's, as in a job."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> Actor | None:
    """Who acts here and now."""
    return _actor.get()
