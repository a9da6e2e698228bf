"""From drafts to what is stored: large values leave for files before a transaction begins."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Self

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
)
from messaging.models import Message
from messaging.models import Part as PartRow
from messaging.values.ids import new_id

from .drafts import MessageDraft
from .objects import NewObjects
from .parts import part_rows


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """A message with its parts, its large values taken out."""

    draft: MessageDraft
    parts: Sequence[Part]
    """With the ids that they shall have, or without."""
    objects: NewObjects


@dataclass(slots=True)
class PreparedBatch:
    """Messages that are about to be stored, and the rows that belong to them."""

    drafts: Sequence[MessageDraft]
    messages: Sequence[PreparedMessage] = ()
    """Those with parts or objects; their drafts carry an id."""

    @classmethod
    def of(cls, messages: Sequence[PreparedMessage]) -> Self:
        has_rows = [message for message in messages if message.parts or message.objects.files]
        return cls([message.draft for message in messages], has_rows)

    @contextmanager
    def files_written(self) -> Iterator[None]:
        """Within, the files are there; afterwards only those of stored messages, where nothing was raised."""
        with ExitStack() as files:
            for message in self.messages:
                files.enter_context(message.objects.written())
            yield

    def store(self, rows: Iterable[Message]) -> None:
        """Insert the parts and objects of those of these rows that are new, in the caller's transaction."""
        by_id = {row.pk: row for row in rows} if self.messages else {}
        parts: list[PartRow] = []
        for message in self.messages:
            if row := by_id.get(message.draft.id):
                message.objects.store(row)
                parts += part_rows(row, message.parts)
        PartRow.objects.insert_all(parts)


def prepare(workspace_id: str, drafts: Sequence[MessageDraft]) -> PreparedBatch:
    """What is to be written. No file is there before `files_written`."""
    if not any(draft.parts or draft.structured_content is not None for draft in drafts):
        return PreparedBatch(drafts)
    return PreparedBatch.of([_prepared(draft, workspace_id) for draft in drafts])


def _prepared(draft: MessageDraft, workspace_id: str) -> PreparedMessage:
    objects = NewObjects(workspace_id)
    parts = [_without_bulk(part_of(part), objects) for part in draft.parts]
    structured = draft.structured_content
    if isinstance(structured, list):
        structured = [_item_without_bulk(item, objects) for item in structured]
    kinds, items = [part_of(part) for part in parts], items_in(structured)
    complete = replace(
        draft,
        id=draft.id or (new_id("msg") if parts or objects.files else None),
        content=text_of(items or kinds) if draft.content is None else draft.content,
        structured_content=structured,
        tool_calls=draft.tool_calls or calls_of(kinds or items),
        attachments=draft.attachments or attachments_of(kinds) or attachments_of(items),
        derived_meta_data=results_shown(draft.role, kinds),
    )
    return PreparedMessage(complete, parts, objects)


def _without_bulk(part: PartKind, objects: NewObjects) -> Part:
    """The part with a ref in place of a payload that is too large for the row."""
    given, name = part.stored(), part.payload
    if name is None:
        return given
    # Refs are the server's to give: a client that sent one could name what is not its own.
    ref = objects.outsourced(given[name], given.get("mime_type"))
    return {**given, name: None if ref else given[name], f"{name}_ref": ref}


def _item_without_bulk(item: object, objects: NewObjects) -> object:
    """The item with a ref in place of a data URL that is too large for the row."""
    kind = item_of(item)
    value = kind.given.get(kind.payload or "")
    ref = objects.outsourced_image(value) if isinstance(value, str) else None
    if ref is None:
        return item
    rest = {name: given for name, given in kind.given.items() if name != kind.payload}
    return rest | {f"{kind.payload}_ref": ref}
