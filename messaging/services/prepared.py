"""From drafts to what is stored: large values leave for files before a transaction begins."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from messaging.content.flatten import (
    attachments_of,
    attachments_of_items,
    text_of,
    text_of_items,
    tool_calls_of,
)
from messaging.content.shapes import PAYLOAD
from messaging.models import Message, Part
from messaging.values.ids import new_id

from .drafts import MessageDraft
from .objects import NewObjects
from .parts import part_rows

__all__ = ["PreparedBatch", "PreparedMessage", "prepare"]

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """A message with its parts, its large values taken out."""

    draft: MessageDraft
    parts: Sequence[dict[str, Any]]
    """With the ids that they shall have, or without."""
    objects: NewObjects

    @property
    def has_rows(self) -> bool:
        """Whether more is stored than the message itself."""
        return bool(self.parts or self.objects.files)


@dataclass(slots=True)
class PreparedBatch:
    """Messages that are about to be stored, and the rows that belong to them."""

    drafts: Sequence[MessageDraft]
    messages: list[PreparedMessage] = field(default_factory=list)
    """Those with parts or objects; their drafts carry an id."""

    @contextmanager
    def files_written(self) -> Iterator[None]:
        """Within, the files are there; afterwards only those of stored messages, where nothing was raised."""
        with ExitStack() as files:
            for message in self.messages:
                if message.objects.files:
                    files.enter_context(message.objects.written())
            yield

    def store(self, rows: Iterable[Message]) -> None:
        """Insert the parts and objects of those of these rows that are new, in the caller's transaction."""
        by_id = {row.pk: row for row in rows} if self.messages else {}
        parts: list[Part] = []
        for message in self.messages:
            if row := by_id.get(message.draft.id):
                message.objects.store(row)
                parts += part_rows(row, message.parts)
        Part.objects.insert_all(parts)


def prepare(workspace_id: str, drafts: Sequence[MessageDraft]) -> PreparedBatch:
    """What is to be written. No file is there before `files_written`."""
    if not any(draft.parts or draft.structured_content is not None for draft in drafts):
        return PreparedBatch(drafts)
    messages = [_prepared(draft, workspace_id) for draft in drafts]
    return PreparedBatch(
        [message.draft for message in messages], [message for message in messages if message.has_rows]
    )


def _prepared(draft: MessageDraft, workspace_id: str) -> PreparedMessage:
    objects = NewObjects(workspace_id)
    parts = [_part_without_bulk(part, objects) for part in draft.parts]
    items = draft.structured_content
    if isinstance(items, list):
        items = [_item_without_bulk(item, objects) for item in items]
    complete = replace(
        draft,
        id=draft.id or (new_id("msg") if parts or objects.files else None),
        content=_text(draft.content, items, parts),
        structured_content=items,
        tool_calls=draft.tool_calls or tool_calls_of(parts),
        attachments=draft.attachments or attachments_of(parts) or attachments_of_items(items or ()),
    )
    return PreparedMessage(complete, parts, objects)


def _text(content: str | None, items: Sequence[Item] | None, parts: Sequence[dict[str, Any]]) -> str:
    if content is not None:
        return content
    return text_of(parts) if items is None else text_of_items(items)


def _part_without_bulk(part: Item, objects: NewObjects) -> dict[str, Any]:
    """The part with a ref in place of a payload that is too large for the row."""
    given = {name: value for name, value in part.items() if name != "id"}
    name = PAYLOAD.get(part["type"])
    if name is None:
        return given
    # Refs are the server's to give: a client that sent one could name what is not its own.
    ref = objects.outsourced(part.get(name), part.get("mime_type"))
    return {**given, name: None if ref else part.get(name), f"{name}_ref": ref}


def _item_without_bulk(item: Item, objects: NewObjects) -> dict[str, Any]:
    """The item with `image_url_ref` in place of a large data URL."""
    url = item.get("image_url")
    ref = objects.outsourced_image(url) if url else None
    if ref is None:
        return dict(item)
    rest = {name: value for name, value in item.items() if name != "image_url"}
    return rest | {"image_url_ref": ref}
