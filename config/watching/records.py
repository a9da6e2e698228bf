"""What is known of a request while it is served: its id for every line of the log, and what is counted."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

__all__ = ["ENVIRON", "Record", "current_record", "recording", "request_id_of"]

ENVIRON = "parley.record"
"""Where the environment of WSGI holds the record that the server has begun."""

# What proxies and SDKs make: UUIDs, ULIDs, trace ids. Nothing of it needs an escape anywhere.
GIVEN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")


def request_id_of(given: str | None) -> str:
    """The id that the caller has given its request, or a new one where that is absent, long or unsafe."""
    return given if given and GIVEN_ID.fullmatch(given) else secrets.token_hex(16)


@dataclass(slots=True, kw_only=True)
class Record:
    """A request as logs, metrics and spans tell of it. It never holds a query string or a body."""

    request_id: str = field(default_factory=lambda: request_id_of(None))
    wire: str = ""
    """Name of the dialect; empty for a page."""
    route: str = ""
    """Template of the path; empty where the request reached no view."""
    key: str = ""
    """The public part of the API key, once the key is known to be valid."""
    statements: int = 0
    """How many statements the database was sent until the answer began."""
    conversation_id: str = ""


_current: ContextVar[Record | None] = ContextVar("record", default=None)


def current_record() -> Record | None:
    """The record of the request that this thread or task serves."""
    return _current.get()


@contextmanager
def recording(record: Record) -> Iterator[Record]:
    """Within, this is the current record."""
    token = _current.set(record)
    try:
        yield record
    finally:
        _current.reset(token)
