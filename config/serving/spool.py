"""What a thread writes as fast as it can, and the loop sends as fast as a client reads.

It lies in a file without a name, so a slow client costs neither memory nor the thread. Once the spools of
the process hold as many bytes as they may, a thread waits until its client has taken what is there.
"""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from tempfile import TemporaryFile

from .reasons import TooSlowToRead

__all__ = ["Budget", "Spool"]

PIECE = 64 * 1024
PATIENCE_SECONDS = 120.0
"""A thread, which may hold a moment of the database, waits no longer for room: the answer then breaks off."""


class Budget:
    """The bytes that all spools of a process may hold."""

    def __init__(self, length: int) -> None:
        self.left = length
        self._lock = threading.Lock()

    def take(self, length: int, *, beyond: bool = False) -> bool:
        """Take so many bytes more, `beyond` what is left if need be; whether they were taken."""
        with self._lock:
            if length > self.left and not beyond:
                return False
            self.left -= length
            return True

    def give_back(self, length: int) -> None:
        with self._lock:
            self.left += length


class Abandoned(Exception):
    """The client has gone; what is written has no reader."""


class Spool:
    """Bytes between a thread and the loop, on which it is made."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self._loop = budget, asyncio.get_running_loop()
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115  # `close` closes it
        self._read = self._written = 0
        self._complete = self._closed = False
        self._error: BaseException | None = None
        self._lock = threading.Condition()
        self._arrived = asyncio.Event()
        self.begun = asyncio.Event()
        """Set once a thread fills it."""

    def fill(self, pieces: Iterable[bytes]) -> None:
        """Write them all; on a thread. Whatever the iterator raises, the reader gets."""
        self._on_loop(self.begun.set)
        try:
            for piece in pieces:
                self._write(piece)
        except Abandoned:
            return
        except BaseException as error:
            self._error = error
        self._complete = True
        self._on_loop(self._arrived.set)

    async def pieces(self) -> AsyncIterator[bytes]:
        """What was written, as it comes; on the loop."""
        while True:
            self._arrived.clear()
            complete = self._complete
            while piece := self._next():
                yield piece
            if complete:
                break
            await self._arrived.wait()
        if self._error:
            raise self._error

    def close(self) -> None:
        """Free what it holds; a thread that writes stops."""
        with self._lock:
            self._closed = True
            self._lock.notify_all()
            self._budget.give_back(self._written)
            self._written = 0
            self._file.close()

    def _next(self) -> bytes:
        with self._lock:
            piece = os.pread(self._file.fileno(), min(PIECE, self._written - self._read), self._read)
            self._read += len(piece)
            if self._read == self._written:
                self._empty()
                self._lock.notify_all()
            return piece

    def _empty(self) -> None:
        self._budget.give_back(self._written)
        self._read = self._written = 0
        self._file.truncate(0)

    def _write(self, piece: bytes) -> None:
        with self._lock:
            # One that is empty may hold a piece whatever the others hold: it gets on, if slowly.
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not self._closed and not self._budget.take(len(piece), beyond=not self._written):
                if not self._lock.wait(deadline - time.monotonic()):
                    raise TooSlowToRead
            if self._closed:
                raise Abandoned
            self._written += os.pwrite(self._file.fileno(), piece, self._written)
        self._on_loop(self._arrived.set)

    def _on_loop(self, call: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)
