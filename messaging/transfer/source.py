"""Where an import comes from: a file or a stream, plain or compressed, read piece by piece."""

import itertools
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from messaging.values.packed import unpacked
from messaging.values.words import grouped

from .encodings import in_utf8
from .formats.foreign import of_bytes, of_text

CHUNK = 256 * 1024
HEAD = 512
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"


class Unusable(Exception):
    """Nothing of the source can be imported; the text says why."""


class SourceBroken(Exception):
    """The source cannot be read any further; the text says why."""


@dataclass(slots=True)
class Budget:
    """How many bytes a source may unpack to, which guards against small files that unpack to large ones, and
    how many seconds whoever reads it may take."""

    limit: int | None = None
    seconds: int | None = None
    taken: int = 0
    began: float = field(default_factory=time.monotonic)

    def take(self, size: int) -> None:
        """Count bytes that were read. Raises SourceBroken beyond the limits."""
        self.taken += size
        if self.limit is not None and self.taken > self.limit:
            raise SourceBroken(_("The source is larger than %(most)s bytes") % {"most": grouped(self.limit)})
        if self.seconds is not None and time.monotonic() - self.began > self.seconds:
            ended = _("Ended after %(seconds)s seconds; the same file again goes on from here")
            raise SourceBroken(ended % {"seconds": self.seconds})


def is_zip(file: IO[bytes]) -> bool:
    """Whether the file is a zip archive. Raises Unusable for one that is a stream."""
    if not beginning_of(file).startswith(ZIP):
        return False
    if not file.seekable():
        raise Unusable(_("A zip archive cannot be read from a stream; give it as a file"))
    return True


def chunks_of(file: IO[bytes], budget: Budget) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is gzip, in UTF-8.

    Raises Unusable for what is no text of records, and SourceBroken in the middle.
    """
    chunks = iter(lambda: file.read(CHUNK), b"")
    packed = beginning_of(file).startswith(GZIP)
    yield from in_utf8(_known(_counted(unpacked(chunks) if packed else chunks, budget)))


def records_in(chunks: Iterator[bytes], name: str, budget: Budget) -> Iterator[bytes]:
    """The same of a member of an archive."""
    if name.lower().endswith(".gz"):
        chunks = _counted(unpacked(chunks), budget)
    yield from in_utf8(_known(chunks))


def beginning_of(file: IO[bytes]) -> bytes:
    """The first bytes, which stay to be read."""
    if hasattr(file, "peek"):
        return bytes(file.peek(HEAD)[:HEAD])
    beginning: bytes = file.read(HEAD)
    file.seek(0)
    return beginning


def _counted(chunks: Iterable[bytes], budget: Budget) -> Iterator[bytes]:
    """The same bytes, as long as the budget lasts: it is asked where a chunk is empty, too."""
    try:
        for chunk in chunks:
            budget.take(len(chunk))
            if chunk:
                yield chunk
    except (OSError, zlib.error) as error:
        raise SourceBroken(_("The source breaks off: %(reason)s") % {"reason": error}) from error


def _known(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes. Raises Unusable for what is recognised as no text of records."""
    first = next(chunks, b"")
    if reason := of_bytes(first) or of_text(first):
        raise Unusable(reason)
    yield from itertools.chain([first], chunks)
