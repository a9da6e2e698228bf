"""Has PostgreSQL compare the vectors of memories."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from messaging.management.store import StoreCommand
from messaging.services.memories.vectors import add_vectors, remove_vectors
from messaging.services.transactions import write_database
from messaging.sql.pgvector import is_installed

MISSING = (
    "This database does not have the extension pgvector, 0.7 or later. Install it on the server, then run "
    "CREATE EXTENSION vector in the database, as a role that may."
)


class Command(StoreCommand):
    help = (
        "Have PostgreSQL compare the vectors of memories, by its extension pgvector, so that processes need "
        "not read them. The service may run meanwhile. Nothing else needs the extension."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="do without it again")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            remove_vectors()
            self.stdout.write("Vectors are compared in the process.")
            return
        if not is_installed(write_database()):
            raise CommandError(MISSING)
        self.stdout.write(f"Filled {add_vectors()} vectors. PostgreSQL compares them from now on.")
