"""Copies the whole store into a folder."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from messaging.backup.errors import BackupError
from messaging.backup.manifest import Manifest
from messaging.backup.taking import take_backup
from messaging.management.store import StoreCommand
from messaging.transfer.commands import told_now_and_then

SOME_ARE_MISSING, FAILED = 1, 2


class Command(StoreCommand):
    help = (
        "Copy the database and the large objects that it names into a new folder, and check the copy; while "
        "the service runs, and without making anybody wait. Exit status 0: all is there; 1: the backup is "
        "whole, but the storage lacks objects that the database names, which are listed; 2: there is none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", metavar="TARGET", type=Path, help="a folder that does not exist")

    def handle(self, *args: Any, **options: Any) -> None:
        tell = told_now_and_then(self.stderr.write if options["verbosity"] else lambda text: None)
        try:
            manifest = take_backup(options["target"], tell=tell)
        except (BackupError, DatabaseError, OSError) as error:
            raise CommandError(f"No backup: {error}", returncode=FAILED) from None
        except KeyboardInterrupt:
            raise CommandError("Interrupted: there is no backup", returncode=130) from None
        self.stdout.write(f"{options['target']}: {described(manifest)}.")
        self._list("deleted meanwhile", manifest.deleted)
        self._list("missing in the storage", manifest.missing)
        self._list("damaged in the storage", manifest.damaged)
        self.stdout.write("Keep SECRET_KEY as well, elsewhere: it is not in the backup.")
        if manifest.missing or manifest.damaged:
            sys.exit(SOME_ARE_MISSING)

    def _list(self, what: str, paths: list[str]) -> None:
        for path in paths:
            self.stderr.write(f"{what}: {path}")


def described(manifest: Manifest) -> str:
    """What a backup holds, in a line."""
    rows = sum(manifest.tables.values())
    size = manifest.object_bytes / 2**20
    return f"{rows:,} rows in {len(manifest.tables)} tables, {manifest.objects:,} objects ({size:,.1f} MiB)"
