"""PostgreSQL: pg_dump of a snapshot that this process reads as well, and pg_restore in one transaction."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections

from messaging.services.transactions import reading_snapshot
from messaging.sql.databases import reading_from

from . import programs
from .dump import Tell
from .errors import BackupError
from .files import private_file

# What belongs to an extension comes back with it.
TABLES = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname !~ '^pg_(toast|temp)' AND NOT EXISTS (
    SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY 1"""
SESSIONS = """
SELECT COUNT(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
COPY = re.compile(rb"COPY (.+?) \(.*\) FROM stdin;\n")
END_OF_COPY = b"\\.\n"
# The role that restores may own neither of them, and those that are there serve.
NOT_OURS = re.compile(r"^\d+; \d+ \d+ (?:COMMENT - (?:EXTENSION|SCHEMA) |SCHEMA - public )")
EXTENSION = re.compile(r"^\d+; \d+ \d+ EXTENSION - (\S+)")


class PostgresMoment:
    """What the connection of an alias sees."""

    def __init__(self, using: str) -> None:
        self._using = using

    def tables(self) -> dict[str, int]:
        names = [name for [name] in self.rows(TABLES)]
        return {name: count for name in names for [count] in self.rows(f"SELECT COUNT(*) FROM {name}")}  # noqa: S608

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        with connections[self._using].cursor() as cursor:
            cursor.execute(sql)
            yield from cursor.fetchall()


class PostgresDump:
    """A file in the custom format of pg_dump."""

    vendor = "postgresql"
    file_name = "database.dump"

    def __init__(self, using: str) -> None:
        self._using = using
        self._now = PostgresMoment(using)

    @contextmanager
    def written(self, path: Path, tell: Tell) -> Iterator[PostgresMoment]:
        programs.require("pg_dump", self._using)
        private_file(path).close()
        with reading_from(self._using), reading_snapshot():
            # It is idle for as long as pg_dump takes.
            list(self._now.rows("SELECT set_config('idle_in_transaction_session_timeout', '0', true)"))
            [[snapshot]] = self._now.rows("SELECT pg_export_snapshot()")
            command = ["pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={path}"]
            programs.run(command, self._using, lambda: tell(f"database: {path.stat().st_size:,} bytes"))
            yield self._now

    def check(self, path: Path, tables: dict[str, int], tell: Tell) -> None:
        programs.require("pg_restore", self._using)
        with programs.output_of(["pg_restore", "--data-only", "--file=-", str(path)]) as script:
            rows = _rows_in(script, tell)
        if rows != tables:
            raise BackupError(f"{path} holds other rows than its manifest says")

    def existing(self) -> list[str]:
        return [name for [name] in self._now.rows(TABLES)]

    def require_loadable(self, tables: dict[str, int]) -> None:
        if further := sorted(set(self.existing()) - set(tables)):
            raise BackupError(
                f"The database has tables that the backup does not have: {', '.join(further)}. "
                "Restore into a new database"
            )

    def load(self, path: Path, tell: Tell) -> dict[str, int]:
        [[sessions]] = self._now.rows(SESSIONS)
        if sessions:
            tell(f"{sessions} others are connected to the database, which must not write now")
        how = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        replaced = ["--clean", "--if-exists"] if self.existing() else []
        with self._chosen_entries(path) as entries:
            command = ["pg_restore", *how, *replaced, f"--use-list={entries}", str(path)]
            programs.run(command, self._using, lambda: tell("loading the database"))
        connections[self._using].close()  # whose prepared statements were made for other tables
        with connections[self._using].cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("ANALYZE")
        return self._now.tables()

    @contextmanager
    def _chosen_entries(self, path: Path) -> Iterator[str]:
        """A file that lists what pg_restore shall do: all but the extensions that are there."""
        present = {name for [name] in self._now.rows("SELECT extname FROM pg_extension")}
        with tempfile.NamedTemporaryFile("w", suffix=".list") as chosen:
            with programs.output_of(["pg_restore", "--list", str(path)]) as listed:
                for line in listed.read().decode().splitlines(keepends=True):
                    extension = EXTENSION.match(line)
                    if not NOT_OURS.match(line) and not (extension and extension[1] in present):
                        chosen.write(line)
            chosen.flush()
            yield chosen.name


def _rows_in(script: Iterable[bytes], tell: Tell) -> dict[str, int]:
    """The rows of each table in what pg_restore writes."""
    rows: dict[str, int] = {}
    table = None
    for line in script:
        if table is not None and line != END_OF_COPY:
            rows[table] += 1
        elif match := COPY.fullmatch(line):
            rows[table := match[1].decode()] = 0
            tell(f"checking {table}")
        else:
            table = None
    return rows
