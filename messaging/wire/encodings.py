"""Bodies that come compressed."""

import zlib

from messaging.exceptions import InvalidValue
from messaging.values.packed import TooManyMembers, unpacked

from .errors import BodyTooLarge, UnknownEncoding

AS_IT_IS = ("", "identity")
GZIP = ("gzip", "x-gzip")
MOST_MEMBERS = 1_000
"""Of a body. Each costs as much as some kilobytes, though it may have twenty bytes."""


def decoded(raw: bytes, encoding: str, limit: int) -> bytes:
    """The body without its `Content-Encoding`, at most `limit` bytes.

    Raises UnknownEncoding, BodyTooLarge, and InvalidValue for bytes that are not of this encoding.
    """
    name = encoding.strip().lower()
    if name in AS_IT_IS:
        return raw
    if name not in GZIP:
        raise UnknownEncoding(encoding)
    try:
        return _unzipped(raw, limit)
    except TooManyMembers:
        problem = f"The gzip of the body has more than {MOST_MEMBERS:,} members"
    except zlib.error:
        problem = "The body is no gzip, as its Content-Encoding says"
    raise InvalidValue(("body",), problem, "gzip_invalid")


def _unzipped(raw: bytes, limit: int) -> bytes:
    """All members of a gzip file. What is beyond the limit is hardly unpacked."""
    pieces, length = [], 0
    for piece in unpacked([raw], most_members=MOST_MEMBERS):
        pieces.append(piece)
        length += len(piece)
        if length > limit:
            raise BodyTooLarge(limit)
    return b"".join(pieces)
