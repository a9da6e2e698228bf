"""Ids: TypeIDs (type-prefix, `_`, 26 characters of base32 holding a UUIDv7), made by the app.

They sort by the time they were made, and within one process strictly so: two ids of one millisecond
differ by a counter, not by luck. Clients treat them as opaque text.
"""

import hashlib
import os
import threading
import time

# Crockford base32, as the specification of TypeIDs says.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
RANDOM_BITS = 74
VERSION_7 = 0x7 << 76
VERSION_8 = 0x8 << 76
VERSION_BITS = 0xF << 76
VARIANT_BITS = 0b11 << 62
VARIANT = 0b10 << 62

_lock = threading.Lock()
_last_milliseconds = 0
_last_random = 0


def new_id(prefix: str) -> str:
    """A new id such as `msg_01jd2y3vwkf7ks3m5c1f8n4q2r`, greater than every earlier one of this process."""
    return f"{prefix}_{_base32(_uuid7())}"


def derived_id(prefix: str, parent_id: str, number: int | str) -> str:
    """The id of a part of something that has an id: always the same for the same number or name of the part.

    RFC 9562 leaves UUIDs of version 8 to their maker. This one is a digest of parent and number, after eight
    bits that are zero: it sorts before every id of `new_id`.
    """
    digest = hashlib.sha256(f"{prefix}/{parent_id}/{number}".encode()).digest()
    free = int.from_bytes(digest[:15]) & ~(VERSION_BITS | VARIANT_BITS)
    return f"{prefix}_{_base32(free | VERSION_8 | VARIANT)}"


def _uuid7() -> int:
    """RFC 9562, method 1 of section 6.2: the random bits count upwards while the clock stands still."""
    global _last_milliseconds, _last_random
    now = time.time_ns() // 1_000_000
    with _lock:
        if now > _last_milliseconds:
            _last_milliseconds = now
            # The top bit stays clear, so that counting up cannot overflow within a millisecond.
            _last_random = int.from_bytes(os.urandom(10)) >> (80 - RANDOM_BITS + 1)
        else:
            _last_random += 1 + os.urandom(1)[0]
        milliseconds, random = _last_milliseconds, _last_random
    return milliseconds << 80 | VERSION_7 | (random >> 62) << 64 | VARIANT | random & (1 << 62) - 1


def _base32(number: int) -> str:
    return "".join([PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def _forget_after_fork() -> None:
    """A forked worker draws its own random bits instead of continuing its parent's count."""
    global _last_milliseconds, _lock
    _last_milliseconds = 0
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forget_after_fork)
