"""Rows straight from the database to JSON: the one way in which a page is read.

No model instances, no parsing of JSON columns, and moments written out by the database. Tests hold what comes
out equal to the pydantic models that document it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import orjson
from django.db import connections, models

from .columns import field_of, quoted, table_of
from .fields import ExactJSONField
from .statements import Row

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
    """The list of SQL expressions, one for each column."""
    converters: tuple[tuple[str, Convert | None], ...]
    """By column; None stands for what the caller makes of JSON."""


class Selectable(Protocol):
    """Rows of one table that can be read by expressions."""

    @property
    def model(self) -> type[models.Model]: ...

    @property
    def db(self) -> str:
        """Alias of the database."""

    def selected(self, reading: Reading) -> list[Row]:
        """The rows, as the driver gives them."""


def json_rows(rows: Selectable, columns: Sequence[str], read: Convert = orjson.Fragment) -> list[JSONRow]:
    """These columns of the rows, as dicts for `encode`.

    JSON columns are fragments that `encode` copies as they are; `read` makes something else of their text.
    """
    reading = _reading(rows.model, tuple(columns), rows.db)
    answers = [dict(zip(reading.columns, values, strict=True)) for values in rows.selected(reading)]
    for name, convert in reading.converters:
        convert = convert or read
        for row in answers:
            if row[name] is not None:
                row[name] = convert(row[name])
    return answers


@cache
def _reading(model: type[models.Model], columns: tuple[str, ...], using: str) -> Reading:
    texts: list[str] = []
    converters: list[tuple[str, Convert | None]] = []
    for name in columns:
        field = field_of(model, name)
        [column] = quoted(model, (name,), using, table_of(model, using))
        match field:
            case models.DateTimeField():
                column = MOMENT[connections[using].vendor].format(column)
            case models.JSONField():
                column = f"CAST({column} AS text)"
                converters.append((name, None if isinstance(field, ExactJSONField) else orjson.loads))
            case models.BooleanField():
                converters.append((name, bool))
        texts.append(column)
    return Reading(columns, ", ".join(texts), tuple(converters))
