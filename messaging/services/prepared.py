"""From drafts to what is stored: large values leave for files before a transaction begins."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from messaging.content import (
    Part,
    PartKind,
    attachments_of,
    calls_of,
    item_of,
    items_in,
    part_of,
    results_shown,
    text_of,
    without_texts,
)
from messaging.exceptions import InvalidValue
from messaging.models import Message, StoredObject
from messaging.models import Part as PartRow
from messaging.values.ids import new_id
from messaging.values.limits import parts_problem

from .drafts import MessageDraft, require_first_alone
from .files import NewObject, written
from .objects import NewObjects
from .parts import part_rows
from .rows import require_within_limits

LISTS = ("content", "output", "summary")
"""Where items hold parts of theirs."""


@dataclass(slots=True)
class PreparedBatch:
    """Messages that are about to be stored, and the rows and files that belong to them."""

    drafts: list[MessageDraft] = field(default_factory=list)
    """Those with parts or objects carry an id."""
    parts: dict[str, Sequence[Part]] = field(default_factory=dict)
    """By the id of the message, large values taken out; with the ids that they shall have, or without."""
    objects: list[NewObject] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)
    """The messages whose objects have rows."""

    @property
    def has_rows(self) -> bool:
        """Whether more is stored than the messages themselves."""
        return bool(self.parts or self.objects)

    def add(self, draft: MessageDraft, parts: Sequence[Part], objects: Sequence[NewObject]) -> None:
        """A further message, which has an id, with what belongs to it."""
        self.drafts.append(draft)
        self.objects += objects
        if draft.id and parts:
            self.parts[draft.id] = parts

    @contextmanager
    def files_written(self) -> Iterator[None]:
        """Within, the files are there; afterwards only those of stored messages, where nothing was raised."""
        if not self.objects:
            yield
            return
        with written(self.objects, self.stored):
            yield

    def store(self, rows: Iterable[Message]) -> None:
        """Insert the parts and objects of those of these rows that are new, in the caller's transaction."""
        by_id = {row.pk: row for row in rows} if self.has_rows else {}
        self.stored.update(by_id)
        StoredObject.objects.insert_all([row for row, _ in self.objects if row.message_id in by_id])
        parts = [(by_id[pk], parts) for pk, parts in self.parts.items() if pk in by_id]
        PartRow.objects.insert_all([part for row, some in parts for part in part_rows(row, some)])


def prepare(workspace_id: str, drafts: Sequence[MessageDraft]) -> PreparedBatch:
    """What is to be written. No file is there before `files_written`. Raises InvalidValue."""
    if problem := parts_problem(sum(map(_count_of_parts, drafts))):
        raise InvalidValue(("body",), problem, "too_long")
    require_first_alone(drafts, "messages")
    for number, draft in enumerate(drafts):
        if draft.tags or draft.meta_data:
            require_within_limits({"tags": draft.tags, "meta_data": draft.meta_data}, "messages", number)
    if not any(draft.parts or draft.attachments or draft.structured_content is not None for draft in drafts):
        return PreparedBatch(list(drafts))
    batch = PreparedBatch()
    for draft in drafts:
        objects = NewObjects(workspace_id, draft.id or new_id("msg"))
        batch.add(*_prepared(draft, objects), objects.files)
    return batch


def _count_of_parts(draft: MessageDraft) -> int:
    """How many parts a draft has: its own, its items, and what items of theirs hold."""
    items = draft.structured_content if isinstance(draft.structured_content, list) else ()
    lists = (item.get(name) for item in items if isinstance(item, dict) for name in LISTS)
    return len(draft.parts) + len(items) + sum(len(each) for each in lists if isinstance(each, list))


def _prepared(draft: MessageDraft, objects: NewObjects) -> tuple[MessageDraft, Sequence[Part]]:
    parts = [_without_bulk(part_of(part), objects) for part in draft.parts]
    structured = draft.structured_content
    if isinstance(structured, list):
        structured = [_item_without_bulk(item, objects) for item in structured]
    attachments: Any = draft.attachments and without_texts(draft.attachments, objects.outsourced_text)
    kinds, items = [part_of(part) for part in parts], items_in(structured)
    complete = replace(
        draft,
        id=objects.message_id,
        content=text_of(items or kinds) if draft.content is None else draft.content,
        structured_content=structured,
        parts=parts,
        tool_calls=draft.tool_calls or calls_of(kinds or items),
        attachments=attachments or attachments_of(kinds) or attachments_of(items),
        derived_meta_data=results_shown(draft.role, kinds or items),
    )
    return complete, parts


def _without_bulk(part: PartKind, objects: NewObjects) -> Part:
    """The part with a ref in place of a payload that is too large for the row."""
    given, name = part.stored(), part.payload
    if name is None:
        return given
    # Refs are the server's to give: a client that sent one could name what is not its own.
    ref = objects.outsourced(given[name], given.get("mime_type"))
    return {**given, name: None if ref else given[name], f"{name}_ref": ref}


def _item_without_bulk(item: object, objects: NewObjects) -> object:
    """The item with refs in place of data URLs, and of a base64 payload, that are too large for the row."""
    kind = item_of(item)
    if not kind.is_known:
        return item
    name, prefix = kind.payload, kind.payload_prefix
    bare = kind.given.get(name or "") if prefix else None

    def outsourced(text: str) -> dict[str, Any] | None:
        if text is not bare:
            return objects.outsourced_image(text)
        ref = objects.outsourced_image(f"{prefix}{text}")
        return ref and ref | {"prefix": ""}

    return without_texts(kind.given, outsourced)
