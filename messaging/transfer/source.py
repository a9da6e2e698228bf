"""Where an import comes from: a file or a stream, plain or compressed, read piece by piece."""

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

CHUNK = 256 * 1024
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
IN_ARCHIVE = re.compile(r"(.*/)?conversations(-\d+)?\.jsonl?")
"""What the archive of an account holds among other files: the conversations, since 2026 in several files."""


class Unusable(Exception):
    """Nothing of the source can be imported; the text says why."""


class SourceBroken(Exception):
    """The source cannot be read any further; the text says why."""


def chunks_of(file: IO[bytes], *, limit: int | None = None) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is gzip or a zip archive that holds conversations.

    Raises Unusable, and SourceBroken in the middle, also beyond `limit` bytes, which guards against small
    files that unpack to large ones.
    """
    total = 0
    try:
        for part in _parts(file):
            while chunk := part.read(CHUNK):
                total += len(chunk)
                if limit is not None and total > limit:
                    raise SourceBroken(f"The source is larger than {limit:,} bytes")
                yield chunk
            yield b"\n"
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise SourceBroken(f"The source breaks off: {error}") from error


def _parts(file: IO[bytes]) -> Iterator[Any]:
    beginning = _beginning(file)
    if beginning.startswith(GZIP):
        yield gzip.GzipFile(fileobj=file)
    elif beginning == ZIP:
        yield from _members(file)
    else:
        yield file


def _members(file: IO[bytes]) -> Iterator[IO[bytes]]:
    if not file.seekable():
        raise Unusable("A zip archive cannot be read from a stream; give it as a file")
    with zipfile.ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if IN_ARCHIVE.fullmatch(name))
        if not names:
            raise Unusable("The archive holds no conversations.json")
        for name in names:
            with archive.open(name) as member:
                yield member


def _beginning(file: IO[bytes]) -> bytes:
    """The first four bytes, which stay to be read."""
    if hasattr(file, "peek"):
        return bytes(file.peek(4)[:4])
    beginning: bytes = file.read(4)
    file.seek(0)
    return beginning
