"""What an import has met so far, however much that is."""

import sqlite3


class Seen:
    """A set of texts that counts, and that a file of any size cannot fill the memory with.

    SQLite keeps it in a temporary file once it outgrows a cache of two megabytes.
    """

    def __init__(self) -> None:
        # The empty name is a database of our own, on disk and gone when it is closed.
        self.database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.database.execute("PRAGMA journal_mode = OFF")
        self.database.execute("CREATE TABLE seen (name TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID")

    def add(self, name: str) -> int:
        """How often it was added before."""
        rows = self.database.execute(
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times - 1",
            [name],
        )
        [[times]] = rows.fetchall()
        return int(times)

    def __contains__(self, name: object) -> bool:
        return self.database.execute("SELECT 1 FROM seen WHERE name = ?", [name]).fetchone() is not None

    def close(self) -> None:
        self.database.close()
