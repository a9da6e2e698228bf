"""Texts in other encodings than UTF-8, as Windows writes them."""

import codecs
import itertools
from collections.abc import Iterator

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WITHOUT_MARK = ((b"\0\0\0", "utf-32-be"), (b"\0", "utf-16-be"))


def in_utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same text in UTF-8 where it begins as one in UTF-16 or UTF-32; other bytes as they are."""
    first = next(chunks, b"")
    encoding = _encoding_of(first)
    whole = itertools.chain([first], chunks)
    return whole if encoding is None else _transcoded(whole, encoding)


def _encoding_of(head: bytes) -> str | None:
    """By the mark; without one, JSON begins with an ASCII character, whose other bytes are zero."""
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    for zeros, encoding in WITHOUT_MARK:
        if head.startswith(zeros) and head[len(zeros) : len(zeros) + 1] > b"\0":
            return encoding
    if len(head) > 1 and head[:1] > b"\0" and head[1] == 0:
        return "utf-32-le" if head[2:4] == b"\0\0" else "utf-16-le"
    return None


def _transcoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """What cannot be decoded becomes a replacement character: JSON around it can still be read."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode()
