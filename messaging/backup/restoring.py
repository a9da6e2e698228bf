"""Brings a backup back: checked first, objects before the database that names them, the database at once."""

from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from messaging.conf import object_storage
from messaging.services import begin_epoch, recount_messages
from messaging.services.transactions import write_database

from .databases import dump_of
from .dump import Dump, Tell
from .errors import BackupError
from .manifest import Manifest, key_fingerprint, read_manifest
from .objects import bring, listed
from .whole import require_whole

__all__ = ["Restored", "check_backup", "existing_tables", "restore_backup"]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    brought: int
    """Objects that the storage did not have."""
    migrated: int
    """Migrations that this version has and the backup did not."""
    changes: int
    """Forgotten, so that every reader of changes reads the state anew."""
    recounted: int
    """Conversations whose counters were wrong."""
    has_same_key: bool
    """Whether SECRET_KEY is that of the backup."""


def check_backup(source: Path, tell: Tell = lambda state: None) -> Manifest:
    """Read a backup to its end, and touch nothing. Raises BackupError, which names what is wrong."""
    return _checked(source, dump_of(write_database()), tell)


def existing_tables() -> list[str]:
    """The tables of the database that a restore would replace; none in an empty one."""
    return dump_of(write_database()).existing()


def restore_backup(source: Path, *, replace: bool = False, tell: Tell = lambda state: None) -> Restored:
    """Make the database of the store what it was at a backup, and bring the objects that are missing.

    Nobody may write meanwhile. Without `replace` the database must be empty. Raises BackupError; unless the
    last step fails, nothing has changed then but that the storage may have more objects.
    """
    dump = dump_of(write_database())
    if dump.existing() and not replace:
        raise BackupError("The database is not empty")
    manifest = _checked(source, dump, tell)
    dump.require_loadable(manifest.tables)
    brought = _bring_objects(source, manifest, tell)
    if dump.load(source / manifest.database, tell) != manifest.tables:
        raise BackupError("The database does not have the rows of the backup: somebody wrote meanwhile")
    return Restored(
        manifest=manifest,
        brought=brought,
        migrated=_migrate(),
        changes=begin_epoch(),
        recounted=recount_messages(),
        has_same_key=manifest.key_fingerprint == key_fingerprint(),
    )


def _checked(source: Path, dump: Dump, tell: Tell) -> Manifest:
    manifest = read_manifest(source)
    if manifest.vendor != dump.vendor:
        raise BackupError(
            f"{source} is of {manifest.vendor} and the database is {dump.vendor}: from one to the other "
            "conversations move by export_conversations and import_conversations"
        )
    if newer := sorted(_unknown(manifest.migrations)):
        raise BackupError(
            f"{source} was made by Parley {manifest.version}, which is newer: this version lacks the "
            f"migrations {', '.join(newer)}"
        )
    require_whole(source, manifest, dump, tell)
    return manifest


def _unknown(migrations: dict[str, list[str]]) -> set[str]:
    """Those of apps installed here that are not in their code."""
    loader = MigrationLoader(None)
    known = {
        *loader.disk_migrations,
        *(old for new in loader.disk_migrations.values() for old in new.replaces),
    }
    return {
        f"{app}.{name}"
        for app, names in migrations.items()
        if app in loader.migrated_apps
        for name in names
        if (app, name) not in known
    }


def _bring_objects(source: Path, manifest: Manifest, tell: Tell) -> int:
    storage = object_storage()
    without = {*manifest.deleted, *manifest.missing, *manifest.damaged}
    brought = 0
    for named in listed(source):
        if named.path not in without:
            brought += bring(named, source, storage)
            tell(f"objects: {brought:,}")
    return brought


def _migrate() -> int:
    """Bring the tables up to this version; returns how many migrations that took."""
    using = write_database()
    executor = MigrationExecutor(connections[using])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", database=using, verbosity=0, interactive=False)
    return len(plan)
