"""Which kind of dump a database takes."""

from django.db import connections

from .dump import Dump
from .errors import BackupError
from .postgresql import PostgresDump
from .sqlite import SqliteDump

__all__ = ["dump_of"]


def dump_of(using: str) -> Dump:
    """The dump of the database of an alias. Raises BackupError for one that Parley does not run on."""
    match connections[using].vendor:
        case "sqlite":
            return SqliteDump(using)
        case "postgresql":
            return PostgresDump(using)
        case vendor:
            raise BackupError(f"The database is {vendor}; Parley backs up PostgreSQL and SQLite")
