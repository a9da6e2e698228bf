"""Rows counted span by span, as a chart shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connections, models
from django.db.models import Exists, OuterRef

from messaging.models import Workspace
from messaging.services.bulk import batches
from messaging.sql.columns import table_of
from messaging.sql.conditions import one_of
from messaging.sql.databases import read_database

Span = tuple[datetime, datetime]
MOST_TERMS = 400
"""SQLite takes 500 in one statement."""


def counts_within(
    spans: Sequence[Span],
    model: type[models.Model],
    workspace_ids: Sequence[str] | None,
    *,
    each: Mapping[str, Sequence[str]] | None = None,
) -> list[list[int]]:
    """How many rows of these workspaces, or with None of all, were created from the beginning of each span
    until before its end: [all, those with the first value of the column in `each`, with the second, ...].

    One statement of up to 400 spans, with one index scan for each. To group by day would compute the day of
    every row, and PostgreSQL shares the scans out among its workers.
    """
    connection = connections[read_database(model)]
    [(column, values)] = (each or {"": ()}).items()
    if workspace_ids is None:
        workspace_ids = _active(model, spans, connection)
    if not workspace_ids:
        return [[0] * (1 + len(values)) for _ in spans]
    figures = ", ".join(["count(*)", *[f"count(*) FILTER (WHERE {column} = %s)"] * len(values)])
    tenants, named = one_of("workspace_id", list(workspace_ids), connection)
    source = f"{figures} FROM {table_of(model, connection.alias)} WHERE {tenants}"
    return [
        counts
        for some in batches(spans, MOST_TERMS)
        for counts in _counted(source, [*values, named], some, connection)
    ]


def _counted(source: str, params: Sequence[Any], spans: Sequence[Span], connection: Any) -> list[list[int]]:
    moment = connection.ops.adapt_datetimefield_value
    each = f"{source} AND created_at >= %s AND created_at < %s"
    sql = " UNION ALL ".join(f"SELECT {number}, {each}" for number in range(len(spans)))
    given = [value for since, until in spans for value in (*params, moment(since), moment(until))]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [counts for _, *counts in sorted(cursor.fetchall())]


def _active(model: type[models.Model], spans: Sequence[Span], connection: Any) -> list[str]:
    """The workspaces with anything within these spans: the count of a span scans the index once for each
    workspace that is named."""
    if not spans:
        return []
    rows = model._default_manager.using(connection.alias).filter(
        workspace=OuterRef("pk"),
        created_at__gte=min(since for since, _ in spans),
        created_at__lt=max(until for _, until in spans),
    )
    return list(Workspace.objects.using(connection.alias).filter(Exists(rows)).values_list("pk", flat=True))
