"""What the commands of the store share: on which database they work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from messaging.sql.databases import on_database


class StoreCommand(BaseCommand):
    """Base of the commands of the store: with `--database` they read and write it there."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--database", metavar="ALIAS", help="of DATABASES (default: where the store writes to)"
        )
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command on the database that was named. Raises CommandError where there is none."""
        alias = options.get("database")
        if alias is not None and alias not in connections:
            raise CommandError(f"There is no database {alias!r}: DATABASES names {', '.join(connections)}")
        with on_database(alias):
            return super().execute(*args, **options)
