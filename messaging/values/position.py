"""The position of a change: opaque text for clients, and within an epoch in the order of the changes."""

import base64
import binascii
from typing import NamedTuple, Self
from zlib import crc32

from messaging.exceptions import InvalidPosition

__all__ = ["Position"]

PREFIX = "chg_"
EPOCH_BYTES, NUMBER_BYTES, CHECK_BYTES = 6, 8, 3
# Together a multiple of five bytes, which base32 writes without padding.
BYTES = EPOCH_BYTES + 2 * NUMBER_BYTES + CHECK_BYTES


class Position(NamedTuple):
    """Of a change, or of any moment between two changes."""

    epoch: str
    """Twelve hexadecimal digits: positions of different epochs say nothing of each other."""
    xid: int
    id: int

    def __str__(self) -> str:
        """Letters and digits, which need no escape in a URL. Within an epoch texts sort as positions do."""
        content = bytes.fromhex(self.epoch) + self.xid.to_bytes(NUMBER_BYTES) + self.id.to_bytes(NUMBER_BYTES)
        return PREFIX + base64.b32hexencode(content + _check(content)).decode().lower()

    @classmethod
    def of(cls, text: str) -> Self:
        """The position that this text stands for. Raises InvalidPosition for any other text."""
        try:
            content = base64.b32hexdecode(text.removeprefix(PREFIX), casefold=True)
        except (binascii.Error, ValueError):
            raise InvalidPosition from None
        given, check = content[:-CHECK_BYTES], content[-CHECK_BYTES:]
        if not text.startswith(PREFIX) or len(content) != BYTES or check != _check(given):
            raise InvalidPosition
        numbers = given[EPOCH_BYTES:]
        xid, number = (int.from_bytes(part) for part in (numbers[:NUMBER_BYTES], numbers[NUMBER_BYTES:]))
        if max(xid, number) >= 1 << 63:
            raise InvalidPosition
        return cls(given[:EPOCH_BYTES].hex(), xid, number)


def _check(content: bytes) -> bytes:
    """Tells a mistyped position from one of ours."""
    return (crc32(content) & 0xFFFFFF).to_bytes(CHECK_BYTES)
