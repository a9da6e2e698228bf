"""How many bytes of rows are read at once: a page of a thousand small rows and one of a few large ones alike.

SQLite gives rows one by one, so reading ends where they have enough. The driver of PostgreSQL takes all that
the server sends, so there the statement itself ends behind them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from typing import Any, Protocol

Row = tuple[Any, ...]
AT_ONCE = 10
LARGE = 1024 * 1024
"""Bytes of rows whose values of JSON are counted; those of fewer take little memory in any case."""
VALUE = 32
"""Bytes that a value of JSON counts besides its own: parsed, a short one takes much more than its text."""

BYTES = {"postgresql": "octet_length({})", "sqlite": "length(CAST({} AS BLOB))"}
LIMITED = """
SELECT {names}, size
FROM (
  SELECT {names}, {size} AS size, sum({size}) OVER (ROWS UNBOUNDED PRECEDING) AS running
  FROM ("""
TO_THE_LIMIT = """) AS page ({names})
) AS sized
WHERE running - size <= {most:d}"""


class Cursor(Protocol):
    """One of Django's."""

    def fetchmany(self, size: int) -> list[Row]: ...

    def fetchall(self) -> list[Row]: ...


def size_of(columns: Iterable[str], vendor: str) -> str:
    """The SQL expression of how many bytes these hold, SQL expressions of texts, together."""
    return " + ".join(f"coalesce({BYTES[vendor].format(column)}, 0)" for column in columns) or "0"


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes, and which columns count: texts and JSON. Rows that were read by it end with their own bytes."""

    most: int
    columns: int
    """How many there are."""
    bulk: tuple[int, ...]
    """The positions of those that count."""
    json: tuple[int, ...] = ()
    """The positions of those that are JSON."""

    def limited(self, text: str, *, before: int = 0) -> str:
        """A statement of PostgreSQL, which answers the rows up to the one that is too much.

        `before` columns stand in front of those of the row.
        """
        head, tail = _around(self, before)
        return f"{head}{text}{tail}"

    def taken(self, cursor: Cursor) -> list[Row]:
        """The same of rows as SQLite gives them, a few at once."""
        taken: list[Row] = []
        left = self.most
        for rows in iter(partial(cursor.fetchmany, AT_ONCE), []):
            taken += rows
            left -= sum([row[-1] for row in rows])
            if left < 0:
                break
        return taken

    def within(self, rows: list[Row]) -> tuple[list[Row], bool]:
        """(those within the budget and one at least, whether there may be more)."""
        costs = self._costs(rows)
        if sum(costs) <= self.most:
            return rows, False
        return rows[: max(1, sum(spent <= self.most for spent in accumulate(costs)))], True

    def _costs(self, rows: Sequence[Row]) -> list[int]:
        """The bytes of each row; of large ones with what their values of JSON take."""
        costs = [row[-1] for row in rows]
        if sum(costs) <= LARGE:
            return costs
        values = [sum(row[at].count(",") for at in self.json if row[at]) for row in rows]
        return [cost + VALUE * number for cost, number in zip(costs, values, strict=True)]

    def is_spent(self, rows: Sequence[Row]) -> bool:
        """Whether the rows end because they have enough."""
        return bool(sum([row[-1] for row in rows]) > self.most)


@cache
def _around(budget: Budget, before: int) -> tuple[str, str]:
    """What stands in front of a statement of PostgreSQL that is limited, and behind it."""
    columns = [f"v{number}" for number in range(before + budget.columns)]
    names = ", ".join(columns)
    size = size_of((columns[before + number] for number in budget.bulk), "postgresql")
    return LIMITED.format(names=names, size=size), TO_THE_LIMIT.format(names=names, most=budget.most)
