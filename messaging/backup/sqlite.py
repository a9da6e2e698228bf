"""SQLite: a compact copy of the file in one statement, which no writer can make begin again."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connections

from .dump import Tell
from .errors import BackupError
from .files import private_file

STEPS = 1_000_000
"""Of SQLite's machine between two looks at how far it is."""
PAGES = 10_000
"""Written between two looks at how far it is."""
PATIENCE_SECONDS = 30
"""How long others may keep the database locked that is to be loaded."""
TABLES = """
SELECT name FROM sqlite_master
WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL %'
ORDER BY name"""


class SqliteMoment:
    """A connection of the driver, to a copy or to the database itself."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def tables(self) -> dict[str, int]:
        names = [name for [name] in self.rows(TABLES)]
        return {name: count for name in names for [count] in self.rows(f'SELECT COUNT(*) FROM "{name}"')}  # noqa: S608

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        yield from self._connection.execute(sql)


class SqliteDump:
    vendor = "sqlite"
    file_name = "database.sqlite3"

    def __init__(self, using: str) -> None:
        self._using = using

    @contextmanager
    def written(self, path: Path, tell: Tell) -> Iterator[SqliteMoment]:
        private_file(path).close()  # SQLite would let others read it
        driver = self._driver()
        driver.set_progress_handler(lambda: tell(f"database: {path.stat().st_size / 2**20:,.0f} MiB"), STEPS)
        try:
            with connections[self._using].cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(path)])
        except DatabaseError as error:
            raise BackupError(f"SQLite could not write the copy: {error}") from None
        finally:
            driver.set_progress_handler(None, 0)
        with _opened(path) as copy:
            yield SqliteMoment(copy)

    def check(self, path: Path, tables: dict[str, int], tell: Tell) -> None:
        tell("checking the database")
        try:
            with _opened(path) as copy:
                [first, *_] = SqliteMoment(copy).rows("PRAGMA integrity_check")
                rows = SqliteMoment(copy).tables()
        except sqlite3.DatabaseError as error:
            raise BackupError(f"{path} is damaged: {error}") from None
        if first[0] != "ok":
            raise BackupError(f"{path} is damaged: {first[0]}")
        if rows != tables:
            raise BackupError(f"{path} holds other rows than its manifest says")

    def existing(self) -> list[str]:
        return list(SqliteMoment(self._driver()).tables())

    def require_loadable(self, tables: dict[str, int]) -> None:
        """Whatever there is goes: a file is loaded as a whole."""

    def load(self, path: Path, tell: Tell) -> dict[str, int]:
        deadline = time.monotonic() + PATIENCE_SECONDS

        def progress(status: int, remaining: int, total: int) -> None:
            nonlocal deadline
            if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                deadline = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > deadline:
                raise BackupError("Somebody keeps the database locked: stop the service first")
            tell(f"database: {(total - remaining) / max(total, 1):.0%}")

        driver = self._driver()
        try:
            with _opened(path) as copy:
                copy.backup(driver, pages=PAGES, progress=progress)
            rows = SqliteMoment(driver).tables()
        except sqlite3.DatabaseError as error:
            raise BackupError(f"SQLite could not load the copy: {error}") from None
        connections[self._using].close()
        return rows

    def _driver(self) -> sqlite3.Connection:
        connection = connections[self._using]
        connection.ensure_connection()
        driver: sqlite3.Connection = connection.connection
        return driver


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy that nobody writes, for reading."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        yield copy
