"""Rows straight from the database to JSON: the one way in which a page is read.

No model instances, no parsing of JSON columns, and moments written out by the database. Tests hold what comes
out equal to the pydantic models that document it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any, Protocol

import orjson
from django.db import connections, models

from .budget import Budget, Cursor, size_of
from .columns import field_of, quoted, table_of
from .fields import ExactJSONField
from .running import Row

# The spelling of `encode`: UTC with a `Z`, six digits below the second or none.
MOMENT = {
    "postgresql": "replace(to_char({} AT TIME ZONE 'UTC', '"
    """YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')""",
    "sqlite": "replace({}, ' ', 'T') || 'Z'",
}
JSONRow = dict[str, Any]
"""A row by column, its values as `encode` takes them."""
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of each row."""

    columns: tuple[str, ...]
    select: str
    """The list of SQL expressions, one for each column; on SQLite the size that a budget asks for is behind
    them."""
    converters: tuple[tuple[str, Convert | None], ...]
    """By column; None stands for what the caller makes of JSON."""
    budget: Budget | None = None
    """How many bytes are read; None for all."""

    def limited(self, text: str, using: str, *, before: int = 0) -> str:
        """A statement that selects these columns behind others, kept to the budget where that is its part."""
        if self.budget is None or connections[using].vendor != "postgresql":
            return text
        return self.budget.limited(text, before=before)

    def fetched(self, cursor: Cursor, using: str) -> list[Row]:
        """What such a statement has answered."""
        if self.budget is None or connections[using].vendor == "postgresql":
            return cursor.fetchall()
        return self.budget.taken(cursor)


class Selectable(Protocol):
    """Rows of one table that can be read by expressions."""

    @property
    def model(self) -> type[models.Model]: ...

    @property
    def db(self) -> str:
        """Alias of the database."""

    def selected(self, reading: Reading) -> list[Row]:
        """The rows, as the driver gives them; with a budget as `Budget` says."""


def json_rows(rows: Selectable, columns: Sequence[str], read: Convert = orjson.Fragment) -> list[JSONRow]:
    """These columns of the rows, as dicts for `encode`.

    JSON columns are fragments that `encode` copies as they are; `read` makes something else of their text.
    """
    reading = _reading(rows.model, tuple(columns), rows.db)
    return _converted(reading, rows.selected(reading), read)


def first_json_rows(
    rows: Selectable, columns: Sequence[str], read: Convert = orjson.Fragment, *, most_bytes: int
) -> tuple[list[JSONRow], bool]:
    """(the first rows that have at most these bytes, and one at least; whether there may be more)."""
    reading = _reading(rows.model, tuple(columns), rows.db, most_bytes)
    budget: Any = reading.budget
    kept, is_cut = budget.within(rows.selected(reading))
    return _converted(reading, kept, read), is_cut


def _converted(reading: Reading, rows: Sequence[Row], read: Convert) -> list[JSONRow]:
    # Behind the columns may stand what a budget counts: `zip` leaves it out. `map` calls it without keywords.
    answers: list[JSONRow] = list(map(dict, map(zip, repeat(reading.columns), rows)))
    for name, convert in reading.converters:
        convert = convert or read
        for row in answers:
            if row[name] is not None:
                row[name] = convert(row[name])
    return answers


@cache
def _reading(
    model: type[models.Model], columns: tuple[str, ...], using: str, most_bytes: int | None = None
) -> Reading:
    texts: list[str] = []
    converters: list[tuple[str, Convert | None]] = []
    bulk: dict[int, str] = {}
    for position, name in enumerate(columns):
        field = field_of(model, name)
        [column] = quoted(model, (name,), using, table_of(model, using))
        if isinstance(field, models.TextField | models.JSONField):
            bulk[position] = column
        match field:
            case models.DateTimeField():
                column = MOMENT[connections[using].vendor].format(column)
            case models.JSONField():
                column = f"CAST({column} AS text)"
                converters.append((name, None if isinstance(field, ExactJSONField) else orjson.loads))
            case models.BooleanField():
                converters.append((name, bool))
        texts.append(column)
    json = tuple(columns.index(name) for name, convert in converters if convert is not bool)
    budget = None if most_bytes is None else Budget(most_bytes, len(columns), tuple(bulk), json)
    if budget and connections[using].vendor != "postgresql":
        texts.append(size_of(bulk.values(), connections[using].vendor))
    return Reading(columns, ", ".join(texts), tuple(converters), budget)
