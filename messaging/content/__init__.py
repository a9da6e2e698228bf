"""What a message can hold: a class for each kind of part and of item, registered by being defined.

What no kind can read stays as it was written and shows as data: nothing here raises for the sake of a value.
"""

from .items import ItemKind, item_of, items_in
from .kinds import Link, Part
from .messages import (
    DERIVED_FROM,
    JSON_COLUMNS,
    attachments_of,
    calls_of,
    derived_parts,
    results_shown,
    text_of,
    without_arguments,
)
from .parts import PartKind, Result, part_of, part_of_row

__all__ = [
    "DERIVED_FROM",
    "JSON_COLUMNS",
    "ItemKind",
    "Link",
    "Part",
    "PartKind",
    "Result",
    "attachments_of",
    "calls_of",
    "derived_parts",
    "item_of",
    "items_in",
    "part_of",
    "part_of_row",
    "results_shown",
    "text_of",
    "without_arguments",
]
