"""Messages as items of OpenAI's Responses: read with what they consist of, and told apart by their ids."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast

from messaging.conf import parley_settings
from messaging.content import (
    Link,
    Part,
    items_of_message,
    message_of_item_id,
    refs_in,
    with_refs,
    without_ids,
)
from messaging.content.responses import is_item
from messaging.exceptions import ItemIdTaken
from messaging.models import Message, MessageQuerySet

from .inlining import Named, Shown, shown_objects
from .reading import READ_FROM, PartsTooLarge, parts_of, parts_of_messages

ITEMS_READ_FROM = tuple(dict.fromkeys((*READ_FROM, "item_id", "content_dialect")))
"""Columns of a message that `items_of` reads, JSON as text."""

Items = list[dict[str, Any]]


def items_of(
    rows: Sequence[Mapping[str, Any]],
    *,
    workspace_id: str,
    link: Link,
    budget: int | None = None,
    whole: bool = False,
) -> dict[str, Items]:
    """The items of messages that were read with ITEMS_READ_FROM, by the id of the message.

    Large values that are kept outside are put back, up to `budget` bytes, or what the settings allow; beyond
    them a file is the link to its object, or its ref. `whole` puts back all of them. Raises PartsTooLarge
    where several messages hold more than an answer does at once.
    """
    columns = {row["id"]: _parsed(row) for row in rows}
    others = [row for row in rows if not is_item(columns[row["id"]])]
    shown = partial(_shown, workspace_id=workspace_id, budget=budget, whole=whole, single=len(rows) == 1)
    texts = shown([(pk, ref) for pk, row in columns.items() for ref in _refs(row)])
    parts = parts_of(others, workspace_id=workspace_id, link=_linked(texts, link), read=json.loads)
    payloads = shown([(pk, ref) for pk, some in parts.items() for part in some for ref in refs_in(part)])
    return {
        pk: items_of_message(_with_refs(row, texts.get(pk)), _parts(parts.get(pk, ()), payloads.get(pk)))
        for pk, row in columns.items()
    }


def known_items(stored: MessageQuerySet, rows: Iterable[Message]) -> dict[str, Message]:
    """Those of the stored messages that have the ids of these rows among items, by their identity.

    An id may be the item's own, or the one under which the message shows it.
    """
    ids = [row.item_id for row in rows if row.item_id]
    if not ids:
        return {}
    derived = {item_id: named[0] for item_id in ids if (named := message_of_item_id(item_id))}
    by_id = {row.pk: row for row in stored.filter(pk__in=derived.values())} if derived else {}
    known = {f"item/{item_id}": by_id[pk] for item_id, pk in derived.items() if pk in by_id}
    return known | {f"item/{row.item_id}": row for row in stored.filter(item_id__in=ids)}


def require_same_item(stored: Message, sent: Message) -> None:
    """Raise ItemIdTaken unless a stored message shows the item that this row was sent as."""
    if _shown_as(stored, sent.item_id) != _shown_as(sent, sent.item_id):
        raise ItemIdTaken(str(sent.item_id))


def _shown_as(message: Message, item_id: str | None) -> object:
    """The item of this id, whichever objects keep what is large in it; None where there is none."""
    row = {name: getattr(message, name) for name in ITEMS_READ_FROM}
    parts: Iterable[Part] = ()
    if not is_item(row):
        parts = parts_of_messages([message], workspace_id=message.workspace_id, link=str)[message.pk]
    items = items_of_message(row, parts)
    return without_ids(next((item for item in items if item["id"] == item_id), None))


def _shown(
    named: Sequence[Named], *, workspace_id: str, budget: int | None, whole: bool, single: bool
) -> Shown:
    """What is shown of these refs. Raises PartsTooLarge."""
    if not whole:
        return shown_objects(named, workspace_id=workspace_id, budget=budget)
    size = sum(ref.get("size_bytes", 0) for _, ref in named)
    if size > parley_settings().inline_objects_bytes and not single:
        raise PartsTooLarge
    return shown_objects(named, workspace_id=workspace_id, budget=sys.maxsize)


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with the values of what may hold items and refs."""
    names = ("structured_content", "attachments")
    return {**row, **{name: json.loads(row[name]) if row[name] else None for name in names}}


def _refs(row: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return [*refs_in(row["structured_content"]), *refs_in(row["attachments"])]


def _with_refs(row: Mapping[str, Any], shown: Mapping[str, object] | None) -> Mapping[str, Any]:
    return {**row, "structured_content": with_refs(row["structured_content"], shown)} if shown else row


def _linked(shown: Shown, link: Link) -> Link:
    """The link to an object, or its text as a data URL where that is shown."""
    texts = {pk: text for objects in shown.values() for pk, text in objects.items() if isinstance(text, str)}
    return lambda object_id: texts.get(object_id) or link(object_id)


def _parts(parts: Iterable[Part], shown: Mapping[str, object] | None) -> list[Part]:
    """The parts with their payloads in place of refs."""
    return [cast(Part, with_refs(part, shown)) if shown else part for part in parts]
