"""Issues an API key."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from messaging.management.store import StoreCommand
from messaging.models import Workspace
from messaging.services import create_api_key, create_workspace
from messaging.values.choices import Permission

DEFAULT = [Permission.READ, Permission.WRITE]


class Command(StoreCommand):
    help = "Make an API key, and the workspace if there is none; the key is the last line of the output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", required=True, metavar="SLUG")
        parser.add_argument(
            "--permissions",
            default=",".join(DEFAULT),
            help=f"comma-separated, of {', '.join(Permission.values)} (default: %(default)s)",
        )
        parser.add_argument("--label", default="issue_key", help="name of the key, for people")
        parser.add_argument("--owner", metavar="ID", help="whom the writes of this key belong to")

    def handle(self, *args: Any, **options: Any) -> None:
        permissions = [name.strip() for name in options["permissions"].split(",") if name.strip()]
        if unknown := sorted(set(permissions) - set(Permission.values)):
            known = ", ".join(Permission.values)
            raise CommandError(f"--permissions: {', '.join(unknown)} is none of {known}")
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            workspace = create_workspace(name=options["workspace"], slug=options["workspace"])
            self.stderr.write(f"Made workspace {workspace.slug} ({workspace.pk}).")
        _, secret = create_api_key(
            workspace_id=workspace.pk,
            label=options["label"],
            permissions=permissions,
            owner_id=options["owner"],
        )
        self.stdout.write(secret)
