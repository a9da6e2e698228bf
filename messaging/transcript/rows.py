"""Rows of messages as turns: with their parts and their large values, in few statements."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from messaging.conf import parley_settings
from messaging.content import DERIVED_FROM, JSON_COLUMNS, Part, parts_without_ids
from messaging.services.inlining import shown_objects
from messaging.services.reading import PartsTooLarge, stored_parts
from messaging.services.token_budget import FRAME, ORDER
from messaging.sql.rows import JSONRow

from .omissions import Omissions
from .pieces import Turn
from .selection import Selection
from .stored import TooLarge, object_link, refs_of, turn_of

logger = logging.getLogger("messaging")

COLUMNS = (*ORDER, *DERIVED_FROM, "has_parts", "token_count", "content_dialect")
"""What is read of a message."""


def turns_of_rows(
    workspace_id: str, rows: Sequence[JSONRow], selection: Selection, notes: Omissions
) -> list[Turn]:
    """The turns that rows of COLUMNS are, JSON as text; without those that a selection does not show."""
    read = [row | {name: _parsed(row[name]) for name in JSON_COLUMNS} for row in rows]
    counts = {row["id"]: token_count(row) for row in rows}
    shown = [row for row in read if _is_shown(row, selection)]
    parts = _parts(workspace_id, shown)
    objects = _objects(workspace_id, shown, parts)
    return list(_readable(shown, parts, objects, counts, notes))


def token_count(row: JSONRow) -> int:
    """The tokens of a message, with the frame that a vendor puts around it."""
    return int(row["token_count"]) + FRAME


def _parsed(text: str | None) -> object:
    return json.loads(text) if text else None


def _is_shown(row: JSONRow, selection: Selection) -> bool:
    meta_data = row["meta_data"] or {}
    is_hidden = meta_data.get("hidden") is True or meta_data.get("weight") == 0
    return not is_hidden or "hidden" in selection.include


def _parts(workspace_id: str, rows: Sequence[JSONRow]) -> dict[str, list[Part]]:
    """The parts of all rows; of rows whose parts are more than an answer holds, those of the latest half."""
    try:
        stored = stored_parts(rows, workspace_id, json.loads, most_bytes=parley_settings().page_bytes)
    except PartsTooLarge:
        return _parts(workspace_id, rows[len(rows) // 2 :]) if len(rows) > 1 else {}
    return {row["id"]: stored.get(row["id"]) or parts_without_ids(row, object_link) for row in rows}


def _objects(
    workspace_id: str, rows: Sequence[JSONRow], parts: dict[str, list[Part]]
) -> dict[str, dict[str, Any]]:
    """The texts of large values, by the ids of message and object; the latest messages come first."""
    named = [(row["id"], ref) for row in reversed(rows) for ref in refs_of(row, parts.get(row["id"], ()))]
    return shown_objects(named, workspace_id=workspace_id) if named else defaultdict(dict)


def _readable(
    rows: Sequence[JSONRow],
    parts: dict[str, list[Part]],
    objects: dict[str, dict[str, Any]],
    counts: dict[str, int],
    notes: Omissions,
) -> Iterator[Turn]:
    """The turns of these rows. One that cannot be read is left out and noted: it refuses no conversation."""
    for row in rows:
        if row["id"] not in parts:
            notes.note(row["id"], "too_large")
            continue
        try:
            yield turn_of(row, parts[row["id"]], objects.get(row["id"], {}), counts[row["id"]])
        except TooLarge:
            notes.note(row["id"], "too_large")
        except (TypeError, ValueError, KeyError, AttributeError):
            logger.exception("Message %s cannot be read as a turn", row["id"])
            notes.note(row["id"], "unreadable")
