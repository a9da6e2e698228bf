"""Whether a backup is whole."""

from pathlib import Path

from .dump import Dump, Tell
from .errors import BackupError
from .files import sha256_of
from .manifest import Manifest
from .objects import LIST, is_whole, listed

__all__ = ["require_whole"]


def require_whole(folder: Path, manifest: Manifest, dump: Dump, tell: Tell) -> None:
    """Raises BackupError, which names what is damaged, unless every file is as the manifest says."""
    digests = {manifest.database: manifest.database_sha256, LIST: manifest.objects_sha256}
    for name, digest in digests.items():
        _require_digest(folder / name, digest)
    dump.check(folder / manifest.database, manifest.tables, tell)
    without = {*manifest.deleted, *manifest.missing, *manifest.damaged}
    count = 0
    for named in listed(folder):
        if named.path in without:
            continue
        if not is_whole(named, folder):
            raise BackupError(f"{named.path} is missing or damaged in {folder}")
        count += 1
        tell(f"checking objects: {count:,}")
    if count != manifest.objects:
        raise BackupError(f"{folder} has {count:,} objects; its manifest says {manifest.objects:,}")


def _require_digest(path: Path, digest: str) -> None:
    try:
        is_same = sha256_of(path) == digest
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}") from None
    if not is_same:
        raise BackupError(f"{path} is damaged: its SHA-256 is not what the manifest says")
