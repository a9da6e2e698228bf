"""The folder of a backup: it has its name once it is whole, and until then a name that ends in `.partial`."""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import BackupError

__all__ = ["PARTIAL", "PIECE", "begun", "private_file", "sha256_of", "sha256_while_copying"]

PARTIAL = ".partial"
PIECE = 1024 * 1024


@contextmanager
def begun(target: Path) -> Iterator[Path]:
    """A folder to write into, which becomes `target` unless something is raised; then it is gone.

    Raises BackupError where the target exists, or where another backup writes to it at this moment.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: name a folder that does not")
    partial = target.with_name(target.name + PARTIAL)
    with _locked(partial):
        try:
            _emptied(partial)
            yield partial
            os.sync()  # once, rather than for each of many small files
            partial.rename(target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Within, the folder is there and ours alone; the lock ends with the process, however that ends."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The one that held the lock may have given the folder its final name since.
        if not os.path.samestat(os.fstat(handle), folder.stat()):
            raise BlockingIOError
        yield
    except (BlockingIOError, FileNotFoundError):
        raise BackupError(f"Another backup writes to {folder} at this moment") from None
    finally:
        os.close(handle)


def _emptied(folder: Path) -> None:
    """What a backup that was killed has left goes."""
    folder.chmod(0o700)
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def private_file(path: Path) -> IO[bytes]:
    """A new file that its owner alone may read; its folder is made where there is none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def sha256_of(path: Path) -> str:
    """The digest of a file, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_while_copying(source: Iterator[bytes], target: IO[bytes]) -> str:
    """Write all pieces; returns the digest of the whole, in hex."""
    digest = hashlib.sha256()
    for piece in source:
        target.write(piece)
        digest.update(piece)
    return digest.hexdigest()
