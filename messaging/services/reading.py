"""The parts of messages: those that are rows in one statement, the others derived."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from messaging.conf import parley_settings
from messaging.content import DERIVED_FROM, Link, Part, columns_read, derived_parts, part_of_row
from messaging.index.index_scan import IndexScan
from messaging.models import Message
from messaging.models import Part as PartRow
from messaging.sql.rows import JSONRow, first_json_rows, json_rows

PART_COLUMNS = tuple(
    field.attname
    for field in PartRow._meta.concrete_fields
    if field.attname not in ("workspace_id", "position", "failed_at")
)
READ_FROM = (*DERIVED_FROM, "has_parts")
"""Columns of a message that `parts_of` reads, JSON as text."""

PartsById = dict[str, list[Part]]
"""The parts of each message, complete and in order, by the id of the message."""
Convert = Callable[[Any], Any]


class PartsTooLarge(Exception):
    """The parts of several messages are more than an answer holds at once."""


def parts_of(
    rows: Sequence[Mapping[str, Any]], *, workspace_id: str, link: Link, read: Convert = orjson.Fragment
) -> PartsById:
    """The parts of messages that were read with READ_FROM, their large values as `encode` copies them, or as
    `read` makes them of the text of JSON.

    Raises PartsTooLarge.
    """
    limit = parley_settings().page_bytes if len(rows) > 1 else None
    stored = stored_parts(rows, workspace_id, read, most_bytes=limit)
    return {row["id"]: stored.get(row["id"]) or _derived(row, link) for row in rows}


def parts_of_messages(messages: Sequence[Message], *, workspace_id: str, link: Link) -> PartsById:
    """The parts of instances, their values as Python has them."""
    rows = [{"id": row.pk, "has_parts": row.has_parts, "content": row.content} for row in messages]
    stored = stored_parts(rows, workspace_id, json.loads)
    return {
        row.pk: stored.get(row.pk) or derived_parts({name: getattr(row, name) for name in DERIVED_FROM}, link)
        for row in messages
    }


def stored_parts(
    rows: Sequence[Mapping[str, Any]],
    workspace_id: str,
    read: Convert = orjson.Fragment,
    *,
    most_bytes: int | None = None,
) -> PartsById:
    """Those that are rows, of messages with `id`, `has_parts` and `content`.

    `read` makes a value of the text of JSON. Raises PartsTooLarge where there are more than `most_bytes`.
    """
    contents = {row["id"]: row["content"] for row in rows if row["has_parts"]}
    by_message: PartsById = defaultdict(list)
    if contents:
        parts = IndexScan.of_workspace(PartRow, workspace_id, message_id=list(contents))
        for part in _read(parts.in_order(("message_id", "position")), read, most_bytes):
            by_message[part["message_id"]].append(_part_read(part, contents[part["message_id"]]))
    return by_message


def _read(parts: IndexScan, read: Convert, most_bytes: int | None) -> list[JSONRow]:
    if most_bytes is None:
        return json_rows(parts, PART_COLUMNS, read=read)
    rows, is_cut = first_json_rows(parts, PART_COLUMNS, read, most_bytes=most_bytes)
    if is_cut:
        raise PartsTooLarge
    return rows


def _part_read(row: dict[str, Any], content: str) -> Part:
    """A complete part; a text that is null repeats the content of its message."""
    if row["type"] == "text" and row["text"] is None:
        row["text"] = content
    return part_of_row(row).complete(row["id"])


def _derived(row: Mapping[str, Any], link: Link) -> list[Part]:
    parsed = {name: json.loads(row[name]) if row[name] else None for name in columns_read(row["role"])}
    return derived_parts({**row, **parsed}, link)
