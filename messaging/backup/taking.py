"""Takes a backup: the database first, then the objects that it names, then a look at all that was written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.core.files.storage import Storage
from django.utils import timezone

from messaging import __version__
from messaging.conf import object_storage
from messaging.models import StoredObject
from messaging.services.transactions import write_database

from .databases import dump_of
from .dump import Dump, Moment, Tell
from .files import begun, sha256_of
from .manifest import Manifest, key_fingerprint, write_manifest
from .objects import LIST, NAMED, copied, listed, written_list
from .whole import require_whole

__all__ = ["take_backup"]

CHUNK = 500


def take_backup(target: Path, *, using: str | None = None, tell: Tell = lambda state: None) -> Manifest:
    """Copy the database of this alias, and its objects, into a new folder, and check the copy.

    Writers do not wait, and what they write after the beginning is not in it. Raises BackupError and OSError;
    then there is no such folder.
    """
    using = using or write_database()
    dump = dump_of(using)
    with begun(target) as folder:
        taken = _Taken(folder, using)
        with dump.written(folder / dump.file_name, tell) as moment:
            taken.read(moment)
        taken.copy_objects(object_storage(), tell)
        manifest = taken.manifest(dump)
        require_whole(folder, manifest, dump, tell)
        write_manifest(folder, manifest)
    return manifest


@dataclass(slots=True)
class _Taken:
    """What is known of a backup under way."""

    folder: Path
    using: str
    tables: dict[str, int] = field(default_factory=dict)
    migrations: dict[str, list[str]] = field(default_factory=dict)
    objects: int = 0
    object_bytes: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def read(self, moment: Moment) -> None:
        """Keep what can be asked of the moment of the backup alone."""
        self.tables = moment.tables()
        for app, name in moment.rows("SELECT app, name FROM django_migrations ORDER BY app, name"):
            self.migrations.setdefault(app, []).append(name)
        written_list(self.folder, moment.rows(NAMED))

    def copy_objects(self, storage: Storage, tell: Tell) -> None:
        for number, named in enumerate(listed(self.folder), 1):
            outcome = copied(named, self.folder, storage)
            if outcome == "copied":
                self.objects += 1
                self.object_bytes += named.size
            else:
                (self.missing if outcome == "missing" else self.damaged).append(named.path)
            tell(f"objects: {number:,}")

    def manifest(self, dump: Dump) -> Manifest:
        lost = set(self._still_named(self.missing))
        return Manifest(
            version=__version__,
            made_at=timezone.now().isoformat(timespec="seconds"),
            vendor=dump.vendor,
            database=dump.file_name,
            database_sha256=sha256_of(self.folder / dump.file_name),
            tables=self.tables,
            migrations=self.migrations,
            objects=self.objects,
            object_bytes=self.object_bytes,
            objects_sha256=sha256_of(self.folder / LIST),
            deleted=[path for path in self.missing if path not in lost],
            missing=[path for path in self.missing if path in lost],
            damaged=self.damaged,
            key_fingerprint=key_fingerprint(),
        )

    def _still_named(self, paths: list[str]) -> Iterator[str]:
        """Those of these paths that the database names even now."""
        remaining = iter(paths)
        while chunk := list(islice(remaining, CHUNK)):
            rows = StoredObject.objects.using(self.using).filter(path__in=chunk)
            yield from rows.values_list("path", flat=True)
