"""Exports conversations from the command line."""

from argparse import ArgumentParser
from typing import IO, Any, cast

from django.core.management.base import CommandError

from messaging.exceptions import StorageUnavailable
from messaging.management.store import StoreCommand
from messaging.models import Conversation, ConversationQuerySet, Workspace
from messaging.transfer.commands import moment, told_now_and_then, writing_to
from messaging.transfer.export import changed_since, export_conversations


class Command(StoreCommand):
    help = (
        "Write conversations as lines of JSON, which import_conversations reads; all of one moment. With "
        "--since the export is incremental: imported into a copy, it brings new, corrected, tagged and "
        "redacted messages. What was deleted is not in it, and stays in the copy."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", metavar="SLUG", help="only of this one (default: of all)")
        parser.add_argument(
            "--conversation", metavar="ID", action="append", help="only this one; can be repeated"
        )
        parser.add_argument(
            "--since",
            type=moment,
            metavar="TIME",
            help="only conversations that changed then or later, themselves or any of their messages; a "
            "write that was under way at the last export may carry an earlier time, so go back some minutes",
        )
        parser.add_argument(
            "--until", type=moment, metavar="TIME", help="only conversations that were opened before"
        )
        parser.add_argument(
            "-o",
            "--output",
            metavar="FILE",
            help="default: standard output; a name that ends in .gz is packed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        told = told_now_and_then(self.stderr.write if options["verbosity"] else lambda text: None)
        lines = export_conversations(
            self._chosen(options), whole=self._whole(options), since=options["since"]
        )
        try:
            with writing_to(options["output"], cast(IO[str], self.stdout._out)) as write:
                for count, line in enumerate(lines):
                    write(line)
                    told(f"{count:,} records")
        except BrokenPipeError:  # the reading side has closed the pipe
            return
        except StorageUnavailable as error:
            raise CommandError(f"{error}; what is written is not complete", returncode=2) from error
        except OSError as error:
            raise CommandError(f"Cannot write: {error}", returncode=2) from None

    def _whole(self, options: dict[str, Any]) -> list[str]:
        """The workspaces of which all memories leave, drawn from what is chosen or from nothing."""
        if options["conversation"] or options["until"]:
            return []
        workspaces = Workspace.objects.order_by("pk")
        if slug := options["workspace"]:
            workspaces = workspaces.filter(slug=slug)
        return list(workspaces.values_list("pk", flat=True))

    def _chosen(self, options: dict[str, Any]) -> ConversationQuerySet:
        conversations = Conversation.objects.all()
        if slug := options["workspace"]:
            workspace = Workspace.objects.filter(slug=slug).first()
            if workspace is None:
                raise CommandError(f"There is no workspace {slug}", returncode=2)
            conversations = conversations.for_workspace(workspace.pk)
        if ids := options["conversation"]:
            conversations = conversations.filter(pk__in=ids)
            if missing := sorted(set(ids) - set(conversations.values_list("pk", flat=True))):
                raise CommandError(f"Not found: {', '.join(missing)}", returncode=2)
        if options["since"]:
            conversations = changed_since(conversations, options["since"])
        if options["until"]:
            conversations = conversations.filter(created_at__lt=options["until"])
        return conversations
