"""What a message can hold: a class for each kind of part and of item, registered by being defined.

What no kind can read stays as it was written and shows as data: nothing here raises for the sake of a value.
"""

from .attachments import refs_in, with_refs, without_ids, without_texts
from .failures import says_failure
from .items import ItemKind, item_of, items_in
from .kinds import Link, Part, Result
from .messages import (
    DERIVED_FROM,
    INSTRUCTING,
    JSON_COLUMNS,
    TOOL,
    attachments_of,
    calls_of,
    columns_read,
    derived_parts,
    failed_tool,
    parts_without_ids,
    results_shown,
    text_of,
    without_arguments,
)
from .parts import PartKind, part_of, part_of_row
from .responses import fields_of_item, item_id_of, items_of_message, message_of_item_id
from .texts import texts_in
from .tokens import TokenCount, tokens_of
from .turns import Turn

__all__ = [
    "DERIVED_FROM",
    "INSTRUCTING",
    "JSON_COLUMNS",
    "TOOL",
    "ItemKind",
    "Link",
    "Part",
    "PartKind",
    "Result",
    "TokenCount",
    "Turn",
    "attachments_of",
    "calls_of",
    "columns_read",
    "derived_parts",
    "failed_tool",
    "fields_of_item",
    "item_id_of",
    "item_of",
    "items_in",
    "items_of_message",
    "message_of_item_id",
    "part_of",
    "part_of_row",
    "parts_without_ids",
    "refs_in",
    "results_shown",
    "says_failure",
    "text_of",
    "texts_in",
    "tokens_of",
    "with_refs",
    "without_arguments",
    "without_ids",
    "without_texts",
]
