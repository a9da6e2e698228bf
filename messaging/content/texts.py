"""The texts within JSON values, as a page shows them and a search looks for them."""

from collections.abc import Iterator, Mapping

from messaging.values.json import container_in

from .items import ItemKind
from .parts import PartKind

KINDS = frozenset({"function", "file", "image", "image_url", "text", *ItemKind.known, *PartKind.known})
"""What `type` says in the shapes of messages: not their authors' words."""
MOST_PARSED = 64 * 1024
"""Characters of a text in JSON that are worth parsing for this."""

# Made once: every message that is written asks for them.
OBJECTS, LISTS, NUMBERS = (dict, Mapping), (list, tuple), (int, float)


def texts_in(value: object) -> Iterator[str]:
    """The texts and numbers within a value, at any depth; not the names of the members of objects.

    A text that holds an object or a list in JSON, as arguments of calls do, counts as that. The data of an
    embedded file is no text.
    """
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            if (parsed := container_in(value, MOST_PARSED)) is not None:
                pending.append(parsed)
            elif value and not value.startswith("data:"):
                yield value
        elif isinstance(value, OBJECTS):
            shown = [item for name, item in value.items() if name != "type" or not _is_kind(item)]
            pending += shown[::-1]
        elif isinstance(value, LISTS):
            pending += value[::-1]
        elif isinstance(value, NUMBERS) and not isinstance(value, bool):
            yield str(value)


def _is_kind(value: object) -> bool:
    return isinstance(value, str) and value in KINDS
