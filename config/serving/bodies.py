"""The body of a request, read before a thread is taken: bounded in bytes, in memory and in time."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from .door import Door
from .reasons import Broken, Gone, TooLarge, TooSlow

__all__ = ["Limits", "discard", "read_body"]

Receive = Callable[[], Awaitable[Mapping[str, Any]]]

IN_MEMORY = 256 * 1024
"""Bytes of a body that are kept in memory; a longer one goes to a file without a name."""
GRACE_SECONDS, BYTES_A_SECOND = 10.0, 4 * 1024
"""A body has so much time, and as much more as it takes at this rate."""

DISCARD_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a body may take: `length` bytes; `grace` seconds, and those that `rate` bytes a second need."""

    length: int
    grace: float = GRACE_SECONDS
    rate: int = BYTES_A_SECOND


async def read_body(receive: Receive, door: Door, limits: Limits, *, announced: int) -> IO[bytes]:
    """The whole body, at its beginning; the caller closes it. Raises TooLarge, TooSlow, Broken, Gone.

    `announced` is the length that the head gives, 0 if none.
    """
    if announced > limits.length:
        raise TooLarge(limits.length)
    body: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    try:
        await _fill(body, receive, door, limits)
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


async def discard(receive: Receive, door: Door) -> None:
    """Take what else the client sends, for a while: one that is still sending would not hear an answer."""
    with contextlib.suppress(TooSlow, Broken):
        deadline = time.monotonic() + DISCARD_SECONDS
        while (await _within(deadline - time.monotonic(), receive, door)).get("more_body", False):
            pass


async def _fill(body: IO[bytes], receive: Receive, door: Door, limits: Limits) -> None:
    began, length = time.monotonic(), 0
    more = True
    while more:
        left = began + limits.grace + length / limits.rate - time.monotonic()
        message = await _within(left, receive, door)
        if message["type"] == "http.disconnect":
            raise Gone
        piece: bytes = message.get("body", b"")
        length += len(piece)
        if length > limits.length:
            raise TooLarge(limits.length)
        body.write(piece)
        more = message.get("more_body", False)


async def _within(seconds: float, receive: Receive, door: Door) -> Mapping[str, Any]:
    """The next event. The door ends the wait when the client says that it sends no more."""
    try:
        async with asyncio.timeout(seconds) as door.waiting:
            return await receive()
    except TimeoutError:
        raise (Broken if door.ended.is_set() else TooSlow) from None
    finally:
        door.waiting = None
