"""Imports conversations from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from messaging.exceptions import StorageUnavailable
from messaging.management.store import StoreCommand
from messaging.models import Workspace
from messaging.services import Writer
from messaging.transfer.commands import reading_from, told_now_and_then
from messaging.transfer.importing import import_file
from messaging.transfer.readers import FORMATS
from messaging.transfer.report import Rejection, Report
from messaging.transfer.source import SourceBroken, Unusable

SOME_REJECTED, UNUSABLE = 1, 2
MAKE = "Make it in the admin, or together with a key: manage.py issue_key --workspace"


class Command(StoreCommand):
    help = (
        "Import conversations from a file: our own export, OpenAI chat messages, or the export of a ChatGPT "
        "or Claude account; plain, gzip or zip. What is there already stays as it is, so the command can be "
        "repeated; only our own export changes it, where the export shows a newer version. "
        "Exit status 0: all was imported or was there; 1: some records were rejected; 2: nothing can be read "
        "or there is no such workspace."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="- for standard input")
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument("--format", default="auto", choices=["auto", *FORMATS])
        parser.add_argument("--user", metavar="ID", help="the end user, where the file names none")
        parser.add_argument("--dry-run", action="store_true", help="read and check all, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            slug = options["workspace"]
            raise CommandError(f"There is no workspace {slug}. {MAKE} {slug}", returncode=UNUSABLE)
        try:
            report = self._import(workspace, options)
        except (OSError, Unusable, SourceBroken) as error:
            raise CommandError(f"Cannot read {options['file']}: {error}", returncode=UNUSABLE) from None
        except StorageUnavailable as error:
            raise CommandError(f"{error}; repeat the command to go on", returncode=UNUSABLE) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted; repeat the command to go on", returncode=130) from None
        self.stdout.write(f"{'Would import' if options['dry_run'] else 'Imported'} {report}.")
        for line in (*report.kind_lines, *report.remarks) if options["verbosity"] else ():
            self.stdout.write(f"  {line}")
        if report.rejected:
            raise CommandError(f"{report.rejected:,} records rejected", returncode=SOME_REJECTED)

    def _import(self, workspace: Workspace, options: dict[str, Any]) -> Report:
        def rejected(rejection: Rejection) -> None:
            self.stderr.write(str(rejection))

        tell = self.stderr.write if options["verbosity"] else lambda text: None
        with reading_from(options["file"]) as file:
            return import_file(
                file,
                workspace_id=workspace.pk,
                writer=Writer(user_id=options["user"]),
                source_format=options["format"],
                dry_run=options["dry_run"],
                on_rejection=rejected,
                on_progress=told_now_and_then(tell),
            )
