"""Gzip, unpacked piece by piece: neither many small members nor one that unpacks to much hold a reader up."""

import zlib
from collections.abc import Iterable, Iterator

WITH_GZIP_HEAD = 16 + zlib.MAX_WBITS
TAKEN = 16 * 1024
"""Bytes given to zlib at once, which copies what lies behind the end of a member."""
PIECE = 256 * 1024


class TooManyMembers(ValueError):
    """There are more members than may be."""


def unpacked(chunks: Iterable[bytes], *, most_members: int | None = None) -> Iterator[bytes]:
    """What the members of gzip hold, at most PIECE bytes at once, and empty where one holds nothing.

    Zeros behind a member are padding. Raises zlib.error for what is no gzip or is cut off, and
    TooManyMembers.
    """
    member, members = None, 0
    for rest in _windows(chunks):
        while rest := rest if member else rest.lstrip(b"\0"):
            if member is None:
                member, members = zlib.decompressobj(WITH_GZIP_HEAD), members + 1
                if most_members is not None and members > most_members:
                    raise TooManyMembers
            yield member.decompress(rest, PIECE)
            rest = member.unused_data if member.eof else member.unconsumed_tail
            member = None if member.eof else member
    if member is not None:
        raise zlib.error("it ends in the middle of its compression")


def _windows(chunks: Iterable[bytes]) -> Iterator[bytes]:
    return (chunk[start : start + TAKEN] for chunk in chunks for start in range(0, len(chunk), TAKEN))
