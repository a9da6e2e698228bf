"""The parts of a page of messages: those that are rows in one statement, the others derived."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from messaging.content.derive import DERIVED_FROM, derived_parts
from messaging.content.shapes import PAYLOAD, complete
from messaging.index.rows import json_rows
from messaging.index.walks import Walk
from messaging.models import Part
from messaging.parts import Link

__all__ = ["COLUMNS", "READ_FROM", "part_read", "parts_of"]

COLUMNS = (
    "id",
    "message_id",
    "type",
    "text",
    "file_id",
    "url",
    "mime_type",
    "detail",
    "data_type",
    "tool_name",
    "tool_call_id",
    "payload",
    "payload_ref",
    "is_error",
    "error_text",
    "metadata",
)
READ_FROM = (*DERIVED_FROM, "run_id")
"""Columns of a message that `parts_of` reads, JSON as text."""
JSON_COLUMNS = ("structured_content", "tool_calls", "attachments", "meta_data")


def parts_of(
    rows: Sequence[Mapping[str, Any]], *, workspace_id: str, link: Link
) -> dict[str, list[dict[str, Any]]]:
    """The parts of each message, complete and in order, by the id of the message."""
    stored = _stored(rows, workspace_id)
    return {row["id"]: stored.get(row["id"]) or _derived(row, link) for row in rows}


def _stored(rows: Iterable[Mapping[str, Any]], workspace_id: str) -> dict[str, list[dict[str, Any]]]:
    """Only messages of runs have parts in rows."""
    contents = {row["id"]: row["content"] for row in rows if row["run_id"]}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if contents:
        parts = Walk.of_workspace(Part, workspace_id, message_id=list(contents))
        for part in json_rows(parts.in_order(("message_id", "position")), COLUMNS):
            found[part["message_id"]].append(part_read(part, contents[part["message_id"]]))
    return found


def part_read(row: dict[str, Any], content: str) -> dict[str, Any]:
    """A part under the names of its type; `content` is that of its message."""
    if row["type"] == "text" and row["text"] is None:
        row["text"] = content
    if name := PAYLOAD.get(row["type"]):
        row |= {name: row["payload"], f"{name}_ref": row["payload_ref"]}
    return complete(row["id"], row)


def _derived(row: Mapping[str, Any], link: Link) -> list[dict[str, Any]]:
    parsed = {name: json.loads(row[name]) if row[name] else None for name in JSON_COLUMNS}
    return derived_parts({**row, **parsed}, link)
