"""Rows straight from the database to JSON: the one way in which a page is read.

No model instances, no parsing of JSON columns, and moments written out by the database: a page of 100
messages takes 0.6 ms, fetched and encoded, where instances took 3.5 and the bare SELECT, whose driver
parses 300 moments, takes 1.0. Tests hold what comes out equal to the pydantic models that document it.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connections, models

from messaging.sql.fields import ExactJSONField

from .found import Found
from .walks import Walk

__all__ = ["json_rows"]

# The spelling of `encode`: UTC with a `Z`, six digits below the second or none.
MOMENT = {
    "postgresql": "replace(to_char({} AT TIME ZONE 'UTC', '"
    """YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')""",
    "sqlite": "replace({}, ' ', 'T') || 'Z'",
}
Convert = Callable[[Any], Any]


def json_rows(queryset: Any, columns: Sequence[str], read: Convert = orjson.Fragment) -> list[dict[str, Any]]:
    """These columns of the rows, of a queryset, a Walk or what was Found, as dicts for `encode`.

    A queryset is narrowed, ordered by columns of its own and cut, no more. JSON columns are fragments that
    `encode` copies as they are; `read` makes something else of their text.
    """
    select, converters = _reading(queryset.model, tuple(columns), queryset.db)
    found = (
        queryset.fetch(select) if isinstance(queryset, Walk | Found) else _fetch(queryset, select, columns)
    )
    rows = [dict(zip(columns, values, strict=True)) for values in found]
    for name, convert in converters:
        convert = convert or read
        for row in rows:
            if row[name] is not None:
                row[name] = convert(row[name])
    return rows


def _fetch(queryset: Any, select: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    try:
        sql, params = _statement(queryset, select, tuple(columns))
    except EmptyResultSet:  # nothing could fit
        return []
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _statement(queryset: Any, select: str, columns: tuple[str, ...]) -> tuple[str, list[Any]]:
    query = queryset.query
    source, params = queryset.source()
    plain, order = _sorting(queryset.model, columns, tuple(query.order_by), queryset.db)
    if not query.is_sliced:
        return f"SELECT {select} {source}{order}", params
    # The rows are sorted as they are, and the part alone is written out: for a page of 100 out of 1,000 hits
    # that takes 2 ms less.
    connection = connections[queryset.db]
    part = (
        f"SELECT {plain} {source}{order} {connection.ops.limit_offset_sql(query.low_mark, query.high_mark)}"
    )
    table = connection.ops.quote_name(queryset.model._meta.db_table)
    return f"SELECT {select} FROM ({part}) AS {table}{order}", params  # noqa: S608  compiled, of our columns


@cache
def _sorting(
    model: type[models.Model], columns: tuple[str, ...], order: tuple[str, ...], using: str
) -> tuple[str, str]:
    """The columns as they are, with those of the order; and ORDER BY, where there is an order."""
    quote = connections[using].ops.quote_name
    table = quote(model._meta.db_table)

    def column(name: str) -> str:
        field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
        return f"{table}.{quote(field.column)}"

    read = dict.fromkeys(column(name.lstrip("-")) for name in (*columns, *order))
    ordered = (f"{column(name.lstrip('-'))} {'DESC' if name.startswith('-') else 'ASC'}" for name in order)
    return ", ".join(read), f" ORDER BY {', '.join(ordered)}" if order else ""


class _Reading(NamedTuple):
    select: str
    converters: list[tuple[str, Convert | None]]
    """By column; None stands for what the caller makes of JSON."""


@cache
def _reading(model: type[models.Model], columns: tuple[str, ...], using: str) -> _Reading:
    connection = connections[using]
    quote, vendor = connection.ops.quote_name, connection.vendor
    texts, converters = [], []
    for name in columns:
        field: Any = model._meta.get_field(name)
        column = f"{quote(model._meta.db_table)}.{quote(field.column)}"
        match field:
            case models.DateTimeField():
                column = MOMENT[vendor].format(column)
            case models.JSONField():
                column = f"CAST({column} AS text)"
                converters.append((name, None if isinstance(field, ExactJSONField) else orjson.loads))
            case models.BooleanField():
                converters.append((name, bool))
        texts.append(column)
    return _Reading(", ".join(texts), converters)
