"""Deletes files that no row names."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError

from messaging.exceptions import StorageUnavailable
from messaging.management.store import StoreCommand
from messaging.services import remove_orphans


class Command(StoreCommand):
    help = "Delete files of large objects that no message names any more. A worker does the same daily."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=float,
            default=24,
            metavar="HOURS",
            help="younger files may belong to a write that is under way (default: %(default)s)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only list them")

    def handle(self, *args: Any, **options: Any) -> None:
        age = timedelta(hours=options["older_than"])
        try:
            orphans = remove_orphans(older_than=age, dry_run=options["dry_run"])
        except StorageUnavailable as error:
            raise CommandError(str(error)) from error
        for path in orphans:
            self.stdout.write(path)
        done = "Found" if options["dry_run"] else "Removed"
        self.stdout.write(f"{done} {len(orphans)} files.")
