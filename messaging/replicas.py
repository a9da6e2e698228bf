"""Where a request reads, in a project whose router reads from replicas: they lag behind the writer.

A request that writes reads from the writer alone. So does every request of a caller who wrote a moment ago,
which would else miss what it wrote. The note of that lies in Django's default cache: as many processes share
it as share that cache.
"""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import sha256

from django.core.cache import cache
from django.db import router

from .conf import parley_settings
from .models import Message
from .sql.databases import reading_from, write_database

logger = logging.getLogger("messaging")

SAFE = ("GET", "HEAD", "OPTIONS")


def reading_own_writes(method: str | None, identity: str) -> AbstractContextManager[None]:
    """Within, the request of this caller reads from one database, which holds what the caller wrote."""
    return _reading_own_writes(method, identity) if router.routers else nullcontext()


@contextmanager
def _reading_own_writes(method: str | None, identity: str) -> Iterator[None]:
    if method not in SAFE:
        try:
            with reading_from(write_database(Message)):
                yield
        finally:
            _note_write(identity)
    else:
        using = write_database(Message) if _has_written(identity) else router.db_for_read(Message)
        with reading_from(using):
            yield


def _note_write(identity: str) -> None:
    if not (seconds := parley_settings().read_your_writes):
        return
    try:
        cache.set(_key(identity), True, timeout=seconds)
    except Exception:  # the write has happened, and its answer must not fail
        logger.exception("could not note that %s has written", identity)


def _has_written(identity: str) -> bool:
    """Whether the caller wrote within the last `read_your_writes` seconds, as far as is known."""
    if not parley_settings().read_your_writes:
        return False
    try:
        return cache.get(_key(identity)) is not None
    except Exception:
        logger.exception("could not ask whether %s has written", identity)
        return True


def _key(identity: str) -> str:
    """Some caches take neither spaces nor long keys."""
    return f"parley:wrote:{sha256(identity.encode()).hexdigest()}"
