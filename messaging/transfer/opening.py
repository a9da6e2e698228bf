"""Opening what an import reads: a file or stream, or an archive of several."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext as _

from .archive import Archive, named
from .formats.foreign import of_members
from .source import Budget, Unusable, chunks_of, is_zip, records_in


@dataclass(frozen=True, slots=True)
class Member:
    """A file of records."""

    name: str
    """Its name in the archive; empty where it is the source itself."""
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that an import reads."""

    members: Iterable[Member]
    archive: Archive = field(default_factory=Archive)
    """Files and ratings that the records refer to."""


@contextmanager
def opened(file: IO[bytes], *, limit: int | None = None, seconds: int | None = None) -> Iterator[Source]:
    """What a file holds: records, plain or gzip, or a zip archive of an account, at most `limit` bytes of it,
    read within so many seconds.

    Raises Unusable; reading the members raises SourceBroken, too.
    """
    budget = Budget(limit, seconds)
    if not is_zip(file):
        yield Source([Member("", chunks_of(file, budget))])
        return
    archive = Archive.of(file, budget)
    try:
        yield Source(_members(archive, budget), archive)
    finally:
        archive.close()


def _members(archive: Archive, budget: Budget) -> list[Member]:
    if not archive.has_conversations and (reason := of_members(archive.names)):
        raise Unusable(reason)
    names = archive.records()
    if not names:
        held = {"held": named(sorted(archive.names)) or _("nothing")}
        raise Unusable(_("The archive holds no conversations.json. It holds: %(held)s") % held)
    return [Member(name, records_in(archive.chunks(name), name, budget)) for name in names]
