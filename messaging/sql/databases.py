"""Which database a statement runs on: one that was chosen for the store, or what the host's router says.

A replica lags behind the writer, so what decides a write is read from the writer: within a transaction there,
and where `reading_from` says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any

from django.db import connections, models, router

_chosen: ContextVar[str | None] = ContextVar("chosen", default=None)
_reader: ContextVar[str | None] = ContextVar("reader", default=None)


def write_database(model: type[models.Model], **hints: Any) -> str:
    """Alias of the database that takes writes of this model; `hints` are those of Django's routers."""
    return _chosen.get() or router.db_for_write(model, **hints)


def read_database(model: type[models.Model]) -> str:
    """Alias of the database that reads of this model go to, here and now.

    A model whose rows decide what a caller may do, or tell what was done already, has `is_read_from_writer`.
    """
    writer = write_database(model)
    if getattr(model, "is_read_from_writer", False):
        return writer
    reader = _reader.get() or _chosen.get() or router.db_for_read(model)
    return writer if reader != writer and in_transaction(writer) else reader


@contextmanager
def reading_from(alias: str) -> Iterator[None]:
    """Within, every read of the store goes to this database."""
    token = _reader.set(alias)
    try:
        yield
    finally:
        _reader.reset(token)


def choose_database(alias: str | None) -> Token[str | None]:
    """From now on this thread or task reads and writes the store in this database; None: as the router says.

    For a middleware, which must not take the choice back: an answer that is streamed reads after it returned.
    """
    return _chosen.set(alias)


@contextmanager
def on_database(alias: str | None) -> Iterator[None]:
    """Within, the store is read and written in this database; None: where it was before."""
    token = choose_database(alias or _chosen.get())
    try:
        yield
    finally:
        _chosen.reset(token)


class ChosenDatabase:
    """A router for a store of its own in each database: every table, users too, is where the choice says.

    Where nothing was chosen, the next router decides, or Django's default.
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        """The chosen database, for each table."""
        return _chosen.get()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str | None:
        """The chosen database, for each table."""
        return _chosen.get()


def in_transaction(alias: str) -> bool:
    """Whether a transaction is open on this database."""
    return connections[alias].in_atomic_block
