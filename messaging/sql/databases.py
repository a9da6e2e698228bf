"""Which database a statement runs on: the writer's, or the one that the host's router reads from.

A replica lags behind the writer, so what decides a write is read from the writer: within a transaction there,
and where `reading_from` says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, models, router

_chosen: ContextVar[str | None] = ContextVar("chosen", default=None)


def write_database(model: type[models.Model]) -> str:
    """Alias of the database that takes writes of this model."""
    return router.db_for_write(model)


def read_database(model: type[models.Model]) -> str:
    """Alias of the database that reads of this model go to, here and now.

    A model whose rows decide what a caller may do, or tell what was done already, has `is_read_from_writer`.
    """
    if getattr(model, "is_read_from_writer", False):
        return router.db_for_write(model)
    reader, writer = _chosen.get() or router.db_for_read(model), router.db_for_write(model)
    return writer if reader != writer and in_transaction(writer) else reader


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Within, every read of the store goes to this database."""
    token = _chosen.set(alias)
    try:
        yield
    finally:
        _chosen.reset(token)


def in_transaction(alias: str) -> bool:
    """Whether a transaction is open on this database."""
    return connections[alias].in_atomic_block
