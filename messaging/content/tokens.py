"""How many tokens a message has, of what a model may be sent of it but for files, images and meta data."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from messaging.conf import parley_settings
from messaging.values.tokens import ESTIMATE, MOST_TOKENS, Counter, counter_named, estimate

from .items import items_in
from .kinds import Part
from .messages import called
from .parts import PartKind, part_of

logger = logging.getLogger("messaging")


class TokenCount(NamedTuple):
    number: int
    counter: str
    """The name of who counted."""


def tokens_of(content: str, calls: object, structured: object, parts: Iterable[Part]) -> TokenCount:
    """Of a message with these columns and these parts, where they are rows.

    Its text counts, names and arguments of its calls, its reasoning and its data. A value that is kept
    outside of its row counts by how it begins, in proportion to its size. The frame that a vendor puts around
    each message does not count here, see `messaging.services.token_budget`. A counter that raises is logged
    and gives way to the estimate.
    """
    name = parley_settings().token_counter
    try:
        return TokenCount(_counted(counter_named(name), content, calls, structured, parts), name)
    except Exception:
        logger.exception("The counter of tokens %r failed, so they are estimated", name)
        return TokenCount(_counted(estimate, content, calls, structured, parts), ESTIMATE)


def _counted(count: Counter, content: str, calls: object, structured: object, parts: Iterable[Part]) -> int:
    number = count(content) if content else 0
    if calls:
        number += sum(count(text) for text in called(calls) if text)
    if structured is not None:
        silent = (item for item in items_in(structured) if item.text is None)
        parts = [*parts, *(part for item in silent for part in item.parts(str))]
    for kind in map(part_of, parts):
        number += sum(map(count, filter(None, _besides(kind))))
        number += _outside(kind, count)
    return min(max(int(number), 0), MOST_TOKENS)


def _besides(kind: PartKind) -> Iterator[str]:
    """What a part says that neither the text nor the calls of its message repeat."""
    if kind.text is None and kind.call is None:
        yield kind.given.get("text") or ""
        yield kind.payload_text()
    elif kind.payload and kind.text is not None and kind.payload_text() != kind.text:
        yield kind.payload_text()


def _outside(kind: PartKind, count: Counter) -> int:
    """What the rest of a value that is kept outside adds to how it begins."""
    ref: Mapping[str, Any] = kind.given.get(f"{kind.payload}_ref") or {}
    preview = ref.get("preview_text") or ""
    held = len(preview.encode("utf-8", "surrogatepass"))
    rest = int(ref.get("size_bytes") or 0) - held
    return count(preview) * rest // held if held and rest > 0 else 0
