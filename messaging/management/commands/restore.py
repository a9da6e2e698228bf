"""Brings the whole store back from a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from messaging.backup.errors import BackupError
from messaging.backup.restoring import Restored, check_backup, existing_tables, restore_backup
from messaging.management.store import StoreCommand
from messaging.transfer.commands import told_now_and_then

from .backup import described

FAILED = 2


class Command(StoreCommand):
    help = (
        "Make an empty database, or with --replace any, what it was when the backup was made, and bring the "
        "large objects that the storage lacks. Stop the service first. The backup is read to its end and "
        "checked before anything is changed, and the database changes at once or not at all. Exit status 0: "
        "done; 2: refused, or failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", metavar="SOURCE", type=Path, help="the folder that backup made")
        parser.add_argument("--check", action="store_true", help="only read and check the backup")
        parser.add_argument(
            "--replace", action="store_true", help="what the database holds now is lost; asks first"
        )
        parser.add_argument("--no-input", action="store_false", dest="asks", help="replace without asking")

    def handle(self, *args: Any, **options: Any) -> None:
        tell = told_now_and_then(self.stderr.write if options["verbosity"] else lambda text: None)
        try:
            if options["check"]:
                manifest = check_backup(options["source"], tell)
                self.stdout.write(f"Whole, of {manifest.made_at}: {described(manifest)}.")
                return
            self._require_consent(options)
            restored = restore_backup(options["source"], replace=options["replace"], tell=tell)
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(f"Not restored: {error}", returncode=FAILED) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted", returncode=130) from None
        self._tell(restored)

    def _require_consent(self, options: dict[str, Any]) -> None:
        tables = existing_tables()
        if not tables:
            return
        if not options["replace"]:
            raise BackupError(f"the database has {len(tables)} tables; --replace would lose what they hold")
        if options["asks"]:
            self.stdout.write(
                f"The {len(tables)} tables of the database would be replaced, and what they hold lost."
            )
            if input("Type 'replace' to go on: ") != "replace":
                raise BackupError("nothing was changed")

    def _tell(self, restored: Restored) -> None:
        manifest = restored.manifest
        self.stdout.write(f"Restored what was there at {manifest.made_at}: {described(manifest)}.")
        self.stdout.write(f"{restored.brought:,} objects were not in the storage and are now.")
        if restored.migrated:
            self.stdout.write(f"{restored.migrated} migrations brought it up to this version.")
        self.stdout.write(f"{restored.changes:,} changes forgotten: their readers read the state anew.")
        self.stdout.write(f"{restored.recounted:,} conversations had wrong counters.")
        for path in (*manifest.deleted, *manifest.missing, *manifest.damaged):
            self.stderr.write(f"not in the backup: {path}")
        if not restored.has_same_key:
            self.stderr.write(
                "SECRET_KEY is not that of the backup: put the former one into SECRET_KEY_FALLBACKS, or the "
                "secret of every webhook must be rotated."
            )
