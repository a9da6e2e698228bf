"""What the commands of the store share: on which database they work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connections

from messaging.sql.databases import on_database
from messaging.sql.passing import state_of

UNDEFINED = ("42P01", "42703")
"""Of PostgreSQL, for a table or a column that is not there."""


class StoreCommand(BaseCommand):
    """Base of the commands of the store: with `--database` they read and write it there."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--database", metavar="ALIAS", help="of DATABASES (default: where the store writes to)"
        )
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command on the database that was named.

        Raises CommandError where there is none, and where `migrate` has not made the tables of this version.
        """
        alias = options.get("database")
        if alias is not None and alias not in connections:
            raise CommandError(f"There is no database {alias!r}: DATABASES names {', '.join(connections)}")
        try:
            with on_database(alias):
                return super().execute(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            if not _is_of_no_table(error):
                raise
            [reason, *_] = str(error).splitlines()
            told = f"The database lacks what this version stores in ({reason}). Run manage.py migrate"
            raise CommandError(told) from error


def _is_of_no_table(error: OperationalError | ProgrammingError) -> bool:
    return state_of(error) in UNDEFINED or str(error).startswith(("no such table", "no such column"))
