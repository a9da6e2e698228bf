"""Which database a statement runs on: the writer's, or the one that the host's router reads from.

A replica lags behind the writer, so what decides a write is read from the writer: within a transaction there,
and within `reading_from_writer`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, models, router

__all__ = ["in_transaction", "read_database", "reading_from_writer", "write_database"]

_from_writer = ContextVar("from_writer", default=False)


def write_database(model: type[models.Model]) -> str:
    """Alias of the database that takes writes of this model."""
    return router.db_for_write(model)


def read_database(model: type[models.Model]) -> str:
    """Alias of the database that reads of this model go to, here and now."""
    reader = router.db_for_read(model)
    writer = router.db_for_write(model)
    return writer if reader != writer and (_from_writer.get() or in_transaction(writer)) else reader


@contextmanager
def reading_from_writer(needed: bool = True) -> Iterator[None]:
    """Within, every read goes to the writer, unless not `needed`."""
    token = _from_writer.set(needed or _from_writer.get())
    try:
        yield
    finally:
        _from_writer.reset(token)


def in_transaction(alias: str) -> bool:
    """Whether a transaction is open on this database."""
    return connections[alias].in_atomic_block
