"""Which threads a request competes for: those of the lock that it will wait for, and those of its key."""

import re
from collections.abc import Mapping, Sequence
from typing import IO, Any

from .pool import Share

__all__ = ["Shares", "credential_of"]

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
CONVERSATION = re.compile(rb"(?:conv|thread)_[0-9A-Za-z]{1,64}")
"""Its id, which may be one that another vendor gave it."""
MESSAGE = re.compile(rb"/(?:msg|fbk)_[0-9a-z]{26}")
"""The id of a message, or of feedback on one: only the database knows of which conversation."""
MEMORIES = re.compile(rb"/memories\b")
"""What writes memories: only the body, or the database, knows of which end user."""
SEARCH = re.compile(rb"/memories/search/?\Z")
"""It is sent by POST and writes nothing."""
NAMED = re.compile(rb'"conversation_id"\s*:\s*"(conv_[0-9a-z]{26})"')
LOOKED_AT = 64 * 1024
"""A body names its conversation within so many bytes of its beginning or of its end."""
LOGIN = "/admin/login/"


class Shares:
    """Makes the shares of requests, for a pool of so many threads.

    `lock_patience` is in seconds; `single_writer` says that all writes wait for one lock, as on SQLite.
    """

    def __init__(self, threads: int, *, patience: float, lock_patience: float, single_writer: bool) -> None:
        # A second writer would only wait, and SQLite lets those that wait in by chance.
        self._lock = 1 if single_writer else max(1, threads // 2)
        self._quarter = max(1, threads // 4)
        self._most = max(1, threads - self._quarter) if threads > 2 else threads
        self._patience, self._lock_patience = patience, lock_patience
        self._single_writer = single_writer

    def of(self, scope: Mapping[str, Any], body: IO[bytes]) -> Sequence[Share]:
        """Those of a request. The body is at its beginning, and is left there."""
        shares = []
        if key := credential_of(scope["headers"]):
            shares.append(Share(f"key {key}", self._most, self._patience))
        if scope["method"] in SAFE or SEARCH.search(scope["raw_path"]):
            return shares
        if scope["path"] == LOGIN:
            shares.append(Share("login", self._quarter, self._patience))
        if lock := "writers" if self._single_writer else _lock(scope["raw_path"], body, key):
            shares.append(Share(f"lock {lock}", self._lock, self._lock_patience, is_lock=True))
        return shares


def credential_of(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """What tells one caller from another; it is compared and never shown."""
    named = dict(headers)
    return (named.get(b"authorization") or named.get(b"x-api-key") or b"").decode("latin-1")


def _lock(path: bytes, body: IO[bytes], key: str) -> str:
    """The conversation that the request names, in its path or else in its body; all those of a key for what
    names a message alone, and all its end users for memories."""
    if named := CONVERSATION.search(path):
        return named[0].decode()
    if MESSAGE.search(path):
        return f"messages of {key}"
    if MEMORIES.search(path):
        return f"memories of {key}"
    start = body.read(LOOKED_AT)
    end = b""
    if len(start) == LOOKED_AT:
        body.seek(max(LOOKED_AT, body.seek(0, 2) - LOOKED_AT))
        end = body.read()
    body.seek(0)
    match = NAMED.search(start) or NAMED.search(end)
    return match[1].decode() if match else ""
