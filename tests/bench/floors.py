"""The floor: the same rows written and read by the bare driver, without a service around it."""

import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.types.string import TextLoader

from messaging.values.ids import new_id

__all__ = ["Floor", "floor_of"]

FLOOR_SEQ, PLAIN_SEQ = 4_000_000, 6_000_000
"""From here on the floor and the yardstick number their messages; the service does from 1 on."""
TEMPLATE = "SELECT * FROM parley_message WHERE conversation_id = :large AND seq = 1"


class Floor(ABC):
    """One connection, every write committed; statements prepared once, but for those that filter."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        """What `:name` stands for in a statement."""
        self.columns, row = self._with_columns(TEMPLATE)
        self.row = dict(zip(self.columns, row, strict=True))
        self.written = 0

    @abstractmethod
    def rows(self, sql: str, *, prepared: bool = True) -> Sequence[Any]:
        """What a SELECT finds, JSON as text.

        What a filter finds must be planned for the values: it is not `prepared`, here as in the service.
        """

    def new_rows(self, conversation_id: str, count: int) -> list[Any]:
        """Values of as many new messages, one after the other."""
        values: list[Any] = []
        for _ in range(count):
            self.written += 1
            own = {"id": new_id("msg"), "conversation_id": conversation_id, "seq": FLOOR_SEQ + self.written}
            values += (self.row | own).values()
        return values

    def start_plain(self, conversation_id: str) -> None:
        """Let the yardstick, which looks for the highest number, go on from where nobody else does."""
        own = {"id": new_id("msg"), "conversation_id": conversation_id, "seq": PLAIN_SEQ}
        self.insert(self.insert_sql(1), [*(self.row | own).values()])

    def insert_sql(self, count: int) -> str:
        """One INSERT of as many messages."""
        row = f"({', '.join([self.placeholder] * len(self.columns))})"
        columns = ", ".join(self.columns)
        return f"INSERT INTO parley_message ({columns}) VALUES {', '.join([row] * count)}"

    placeholder: str

    @abstractmethod
    def insert(self, sql: str, values: Sequence[Any]) -> None:
        """Run `insert_sql` with `new_rows`, and commit."""

    @abstractmethod
    def close(self) -> None: ...

    @abstractmethod
    def _with_columns(self, sql: str) -> tuple[list[str], Sequence[Any]]: ...


class _PostgresFloor(Floor):
    placeholder = "%s"

    def __init__(self, url: str, names: Mapping[str, str]) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        for kind in ("json", "jsonb"):
            self.connection.adapters.register_loader(kind, TextLoader)
        super().__init__(names)

    def rows(self, sql: str, *, prepared: bool = True) -> Sequence[Any]:
        prepare = None if prepared else False
        return self.connection.execute(_spelled(sql), self.names, prepare=prepare).fetchall()

    def insert(self, sql: str, values: Sequence[Any]) -> None:
        self.connection.execute(sql, values)

    def close(self) -> None:
        self.connection.close()

    def _with_columns(self, sql: str) -> tuple[list[str], Sequence[Any]]:
        cursor = self.connection.execute(_spelled(sql), self.names)
        return [column.name for column in cursor.description or ()], cursor.fetchone() or ()


@cache
def _spelled(sql: str) -> Any:
    """With the placeholders of psycopg; `::` is a cast."""
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", sql.replace("%", "%%"))


class _SqliteFloor(Floor):
    placeholder = "?"

    def __init__(self, path: str, names: Mapping[str, str]) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, timeout=20)
        self.connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        super().__init__(names)

    def rows(self, sql: str, *, prepared: bool = True) -> Sequence[Any]:
        return self.connection.execute(sql, self.names).fetchall()

    def insert(self, sql: str, values: Sequence[Any]) -> None:
        self.connection.execute(sql, values)

    def close(self) -> None:
        self.connection.close()

    def _with_columns(self, sql: str) -> tuple[list[str], Sequence[Any]]:
        cursor = self.connection.execute(sql, self.names)
        return [column[0] for column in cursor.description], cursor.fetchone()


def floor_of(url: str, names: Mapping[str, str]) -> Floor:
    """The floor on the database of that URL."""
    if url.startswith("sqlite"):
        return _SqliteFloor(urlsplit(url).path, names)
    return _PostgresFloor(url, names)
