"""What a backup says of itself: written last, read first."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

from .errors import BackupError
from .files import PARTIAL, private_file

__all__ = ["FORMAT", "Manifest", "key_fingerprint", "read_manifest", "write_manifest"]

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The content of a backup, with the digests (SHA-256, in hex) of what stands next to it."""

    format: int = FORMAT
    version: str
    """Of Parley."""
    made_at: str
    vendor: str
    """Of the database: `sqlite` or `postgresql`."""
    database: str
    """Name of the file that holds it."""
    database_sha256: str
    tables: dict[str, int]
    """Rows of every table."""
    migrations: dict[str, list[str]]
    """Names of those applied, by app."""
    objects: int
    object_bytes: int
    objects_sha256: str
    """Of the list of objects."""
    deleted: list[str]
    """Objects that were deleted while the backup was made."""
    missing: list[str]
    """Objects that the database still names, though the storage does not have them."""
    damaged: list[str]
    """Objects whose content is not what was stored; it is left out."""
    key_fingerprint: str
    """Tells whether SECRET_KEY is the same where the backup is restored."""


def write_manifest(folder: Path, manifest: Manifest) -> None:
    with private_file(folder / NAME) as file:
        file.write(json.dumps(asdict(manifest), indent=1).encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupError for a folder that is no whole backup of a format that this version reads."""
    if folder.name.endswith(PARTIAL):
        raise BackupError(f"{folder} is what a backup left that did not end: take another one")
    if not folder.is_dir():
        raise BackupError(f"{folder} is no folder")
    try:
        values = json.loads((folder / NAME).read_bytes())
        number = values["format"]
    except FileNotFoundError:
        raise BackupError(f"{folder} is no backup: it has no {NAME}") from None
    except (ValueError, KeyError, TypeError):
        raise BackupError(f"{folder / NAME} is damaged") from None
    if number != FORMAT:
        raise BackupError(f"{folder} was made by another version: its format is {number}, not {FORMAT}")
    if set(values) != {field.name for field in fields(Manifest)}:
        raise BackupError(f"{folder / NAME} is damaged")
    return Manifest(**values)


def key_fingerprint() -> str:
    """What tells SECRET_KEY from others, without telling it."""
    return salted_hmac("messaging.backup", "SECRET_KEY", settings.SECRET_KEY, algorithm="sha256").hexdigest()
