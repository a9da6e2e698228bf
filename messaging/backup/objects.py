"""The files of large objects: those that the database names, out of the storage and back into it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import Storage
from django.utils._os import safe_join

from .errors import BackupError
from .files import PIECE, private_file, sha256_of, sha256_while_copying

__all__ = ["LIST", "NAMED", "Named", "bring", "copied", "is_whole", "listed", "written_list"]

FOLDER = "objects"
LIST = "objects.jsonl"
NAMED = "SELECT path, size_bytes, sha256 FROM parley_storedobject ORDER BY path"

Outcome = Literal["copied", "missing", "damaged"]


class Named(NamedTuple):
    """An object as its row says."""

    path: str
    """In the storage."""
    size: int
    sha256: str


def written_list(folder: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Keep what the database names, an array of JSON a line, so that its moment need not stay open."""
    with private_file(folder / LIST) as file:
        for row in rows:
            file.write(json.dumps(list(row)).encode() + b"\n")


def listed(folder: Path) -> Iterator[Named]:
    """The objects of a backup. Raises BackupError where the list is damaged."""
    try:
        with (folder / LIST).open("rb") as file:
            for line in file:
                yield Named(*json.loads(line))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{folder / LIST} is damaged: {error}") from None


def file_of(folder: Path, named: Named) -> Path:
    """Where a backup has the content of an object. Raises BackupError for a path that leads elsewhere."""
    try:
        return Path(safe_join(folder / FOLDER, named.path))
    except SuspiciousFileOperation:
        raise BackupError(f"{named.path} is no path of an object") from None


def copied(named: Named, folder: Path, storage: Storage) -> Outcome:
    """Copy an object into a backup. Raises BackupError where the storage fails."""
    path = file_of(folder, named)
    try:
        with storage.open(named.path, "rb") as source, private_file(path) as target:
            digest = sha256_while_copying(source.chunks(PIECE), target)
    except FileNotFoundError:
        return "missing"
    except Exception as error:  # of whatever library the storage is
        raise BackupError(f"The storage of objects fails at {named.path}: {error}") from error
    if digest != named.sha256:
        path.unlink()
        return "damaged"
    return "copied"


def bring(named: Named, folder: Path, storage: Storage) -> bool:
    """Put an object of a backup into the storage, unless it is there; returns whether it was not.

    Raises BackupError where the storage fails.
    """
    try:
        if storage.exists(named.path):
            if _digest_of(named.path, storage) == named.sha256:
                return False
            storage.delete(named.path)
        with file_of(folder, named).open("rb") as file:
            name = storage.save(named.path, File(file))
    except Exception as error:  # of whatever library the storage is
        raise BackupError(f"The storage of objects fails at {named.path}: {error}") from error
    if name != named.path:
        raise BackupError(f"The storage of objects calls {named.path} {name}")
    return True


def is_whole(named: Named, folder: Path) -> bool:
    """Whether a backup has this object as it was stored."""
    path = file_of(folder, named)
    return path.is_file() and sha256_of(path) == named.sha256


def _digest_of(path: str, storage: Storage) -> str:
    digest = hashlib.sha256()
    with storage.open(path, "rb") as file:
        for piece in file.chunks(PIECE):
            digest.update(piece)
    return digest.hexdigest()
