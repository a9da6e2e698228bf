"""From a thread message as its author gives it to the rows of the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from messaging.values.choices import PartType

from . import MessageDraft
from .objects import NewObjects

__all__ = ["PreparedMessage", "ThreadMessageDraft", "part_rows", "prepare"]

Item = Mapping[str, Any]

SAME_NAMED = (
    "type",
    "file_id",
    "url",
    "mime_type",
    "detail",
    "data_type",
    "tool_name",
    "tool_call_id",
    "error_text",
    "metadata",
)
"""Fields of a part that are columns of Part under the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMessageDraft:
    """A message of a thread. JSON values are kept as they are."""

    role: str
    content: str | Sequence[Item] | None
    """Text, or items of one family; None where the parts say it all."""
    meta_data: dict[str, Any] = field(default_factory=dict)
    parts: Sequence[Item] = ()
    """Parts as their author gives them, with `type`, without ids; empty where they are derived on read."""


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """A message with its parts, its large values taken out."""

    draft: MessageDraft
    parts: Sequence[dict[str, Any]]
    objects: NewObjects

    def store_below(self, message: Message) -> None:
        """Insert parts and objects of the message that was made from the draft, in its transaction."""
        self.objects.store(message)
        Part.objects.insert_all(part_rows(message, self.parts))


def prepare(draft: ThreadMessageDraft, workspace_id: str) -> PreparedMessage:
    """What is to be written. No file is there before `objects.written()`."""
    objects = NewObjects(workspace_id)
    parts = [_part_without_bulk(part, objects) for part in draft.parts]
    items = None
    if draft.content is not None and not isinstance(draft.content, str):
        items = [_item_without_bulk(item, objects) for item in draft.content]
    message = MessageDraft(
        role=draft.role,
        content=_text(draft.content, items, parts),
        structured_content=items,
        tool_calls=tool_calls_of(parts),
        attachments=attachments_of(parts) or attachments_of_items(items or ()),
        meta_data=draft.meta_data,
    )
    return PreparedMessage(message, parts, objects)


def _text(content: Any, items: Sequence[Item] | None, parts: Sequence[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return text_of(parts) if items is None else text_of_items(items)


def _part_without_bulk(part: Item, objects: NewObjects) -> dict[str, Any]:
    """The part with a ref in place of a payload that is too large for the row."""
    name = PAYLOAD.get(part["type"])
    if name is None:
        return dict(part)
    # Refs are the server's to give: a client that sent one could name what is not its own.
    ref = objects.outsourced(part.get(name), part.get("mime_type"))
    return {**part, name: None if ref else part.get(name), f"{name}_ref": ref}


def _item_without_bulk(item: Item, objects: NewObjects) -> dict[str, Any]:
    """The item with `image_url_ref` in place of a large data URL."""
    url = item.get("image_url")
    ref = objects.outsourced_image(url) if url else None
    if ref is None:
        return dict(item)
    rest = {name: value for name, value in item.items() if name != "image_url"}
    return rest | {"image_url_ref": ref}


def part_rows(message: Message, parts: Sequence[dict[str, Any]]) -> list[Part]:
    """The rows of the parts of a message, in their order."""
    texts = [part for part in parts if part["type"] == "text"]
    repeats_content = len(texts) == 1 and texts[0]["text"] == message.content
    return [
        _part_row(message, position, part, is_content=repeats_content and part["type"] == "text")
        for position, part in enumerate(parts)
    ]


def _part_row(message: Message, position: int, part: dict[str, Any], *, is_content: bool) -> Part:
    payload = PAYLOAD.get(part["type"])
    is_error = bool(part.get("is_error"))
    return Part(
        workspace_id=message.workspace_id,
        message_id=message.pk,
        position=position,
        text=None if is_content else part.get("text"),
        payload=part.get(payload) if payload else None,
        payload_ref=part.get(f"{payload}_ref") if payload else None,
        is_error=is_error,
        failed_at=message.created_at if is_error or part["type"] == PartType.TOOL_ERROR else None,
        **{name: part.get(name) for name in SAME_NAMED},
    )
