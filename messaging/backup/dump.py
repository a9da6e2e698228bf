"""What either database can do for a backup."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Dump", "Moment", "Tell"]

Tell = Callable[[object], None]
"""Told how far it is; may pass over what comes too often."""


class Moment(Protocol):
    """The database as it was when the backup was made."""

    def tables(self) -> dict[str, int]:
        """The rows of every table."""

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        """What a statement answers."""


class Dump(Protocol):
    """The database of one alias, as a file and back."""

    vendor: str
    file_name: str

    def written(self, path: Path, tell: Tell) -> AbstractContextManager[Moment]:
        """Write the file; within, its moment can be read. Nobody who writes waits. Raises BackupError."""

    def check(self, path: Path, tables: dict[str, int], tell: Tell) -> None:
        """Raises BackupError unless the file can be read to its end and has these rows."""

    def existing(self) -> list[str]:
        """The tables that the database has now."""

    def require_loadable(self, tables: dict[str, int]) -> None:
        """Raises BackupError where a backup of these tables cannot be loaded, whatever its file holds."""

    def load(self, path: Path, tell: Tell) -> dict[str, int]:
        """Make the database what the file holds, at once or not at all; returns the rows of its tables.

        Raises BackupError.
        """
