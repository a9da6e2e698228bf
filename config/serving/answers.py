"""An answer on its way out: head and body leave through the loop, and no thread waits for the reader."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .reasons import TooSlowToRead

__all__ = ["Answer", "Send", "send_answer", "send_pieces"]

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

PIECE = 256 * 1024
"""Bytes that are written at once, as most pages are."""
GRACE_SECONDS, BYTES_A_SECOND = 30.0, 4 * 1024
"""An answer may take so long to leave, and as much more as it takes at this rate."""


@dataclass(slots=True)
class Answer:
    """Status, headers and the whole body."""

    status: int
    headers: Sequence[Header]
    body: bytes = b""


async def send_answer(
    answer: Answer, send: Send, *, discard: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Send it, and wait until all but the last piece has left; `discard` comes then. Raises TooSlowToRead."""
    await _start(answer.status, answer.headers, send)
    if len(answer.body) <= PIECE and not discard:
        await send({"type": "http.response.body", "body": answer.body})
        return
    pace = _Pace()
    view = memoryview(answer.body)
    for first in range(0, len(view), PIECE):
        await pace.send(bytes(view[first : first + PIECE]), send)
    if discard:
        await discard()
    await pace.send(b"", send, more=False)


async def send_pieces(
    status: int, headers: Sequence[Header], pieces: AsyncIterator[bytes], send: Send
) -> None:
    """Send what the iterator gives, the next piece once the one before has left. Raises TooSlowToRead."""
    await _start(status, headers, send)
    await send({"type": "http.response.body", "more_body": True})  # the head leaves before the first piece
    pace = _Pace()
    async for piece in pieces:
        await pace.send(piece, send)
    await pace.send(b"", send, more=False)


async def _start(status: int, headers: Sequence[Header], send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


class _Pace:
    """How long the reader has taken, against what it may take."""

    def __init__(self) -> None:
        self.allowance = GRACE_SECONDS

    async def send(self, piece: bytes, send: Send, *, more: bool = True) -> None:
        began = time.monotonic()
        self.allowance = min(self.allowance, GRACE_SECONDS) + len(piece) / BYTES_A_SECOND
        try:
            async with asyncio.timeout(self.allowance):
                await send({"type": "http.response.body", "body": piece, "more_body": more})
        except TimeoutError:
            raise TooSlowToRead from None
        self.allowance -= time.monotonic() - began
