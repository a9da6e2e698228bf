"""A message of a Claude account, in the words of the store."""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from messaging.services import ImportedMessage
from messaging.transfer.contents import (
    Content,
    as_list,
    as_object,
    present,
    says_something,
    text_or_none,
)
from messaging.transfer.fields import MessageFields, moment_of
from messaging.transfer.kinds import Kinds, Outcome
from messaging.transfer.tally import Read

from .blocks import read_block

ROLES = {"human": "user", "assistant": "assistant"}
NO_SENDER = "unknown"
PREVIEW = 256
"""Bytes of a text that are shown without opening it."""
OF_MESSAGES = ("uuid", "sender", "text", "content", "created_at", "attachments", "files", "files_v2")
FORESEEN = frozenset({*OF_MESSAGES, "updated_at", "parent_message_uuid", "index", "truncated", "stop_reason"})

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Extract:
    """The text of an attachment, which is all that the export has of it."""

    key: str
    name: str
    content: bytes
    mime_type: str = "text/plain"

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def preview(self) -> str:
        return self.content[:PREVIEW].decode("utf-8", "ignore")

    def open(self) -> IO[bytes]:
        return io.BytesIO(self.content)


def message_of(
    name: str, given: object, before: ImportedMessage | None, opened_at: datetime | None, *, is_current: bool
) -> Read:
    """The message of this name. `before` is the one that it follows. Raises pydantic's ValidationError."""
    about = as_object(given)
    content = content_of(name, given)
    if content.is_empty:
        return Read(None, Kinds({("text", Outcome.EMPTY): 1}))
    fields = MessageFields(
        role=_role(about),
        message_type="reasoning" if _is_thought(content) else "text",
        created_at=moment_of(about.get("created_at")) or (before.draft.created_at if before else opened_at),
        meta_data=_meta_data(name, about, content),
        **content.columns(),
    )
    message = content.message("claude", name, fields, before, is_current=is_current)
    return Read(message, content.kinds, missing=content.missing)


def content_of(name: str, given: object) -> Content:
    """What a message says: its blocks, else its text; and the texts of its attachments."""
    content = Content()
    if given is None:
        return content
    if not isinstance(given, Mapping):
        content.data("message", given)
        content.count("message", Outcome.DATA)
        return content
    _attachments(content, given)
    listed = given.get("content")
    for block in listed if isinstance(listed, list) else [listed]:
        read_block(content, block, name)
    _text(content, given)
    others = {key: value for key, value in given.items() if key not in FORESEEN}
    if content.is_empty and says_something(others):
        content.data("message", others)
        content.count("message", Outcome.DATA)
    return content


def _text(content: Content, given: Given) -> None:
    """The text of a message without blocks; next to blocks that say something else it describes them."""
    text = given.get("text")
    if isinstance(text, str) and text.strip():
        if content.is_empty or not as_list(given.get("content")):
            content.text(text)
            content.count("text")
        elif "".join(text.split()) != "".join(content.words.split()):
            content.about["text"] = text
    elif says_something(text) and not isinstance(text, str):
        content.data("text", text)
        content.count("text", Outcome.DATA)


def _attachments(content: Content, given: Given) -> None:
    for number, item in enumerate(as_list(given.get("attachments"))):
        attachment = as_object(item)
        words = attachment.get("extracted_content")
        if isinstance(words, str) and words and not attachment.get("file_name"):
            content.text(words)  # a long paste, which the site turns into an attachment without a name
            content.count("pasted text")
        elif attachment:
            _attachment(content, attachment, f"attachment-{number}")
        elif says_something(item):
            content.data("attachment", item)
            content.count("attachment", Outcome.DATA)
    files: dict[str, Given] = {}
    for item in (*as_list(given.get("files")), *as_list(given.get("files_v2"))):
        file = as_object(item)
        if file:
            files.setdefault(str(file.get("file_uuid") or file.get("uuid") or file.get("file_name")), file)
    for file in files.values():
        content.file(content.bring({"type": "file", "name": file.get("file_name"), **file}, None))
        content.count("file")


def _attachment(content: Content, attachment: Given, key: str) -> None:
    words = attachment.get("extracted_content")
    rest = {name: value for name, value in attachment.items() if name != "extracted_content"}
    named = {
        "type": "file",
        **rest,
        "name": attachment.get("file_name"),
        "mime_type": attachment.get("file_type"),
    }
    has_words = isinstance(words, str) and words
    extract = Extract(key, str(attachment.get("file_name")), str(words).encode()) if has_words else None
    content.file(content.bring(present(named), extract))
    content.count("attachment")


def _role(given: Given) -> str:
    sender = text_or_none(given.get("sender"))
    return ROLES.get(sender, sender) if sender else NO_SENDER


def _is_thought(content: Content) -> bool:
    return all(part["type"] == "reasoning" for part in content.parts) and bool(content.parts)


def _meta_data(name: str, given: Given, content: Content) -> dict[str, Any]:
    rest = {key: value for key, value in given.items() if key not in OF_MESSAGES and says_something(value)}
    about = {"id": name, **rest, **content.about}
    if "sender" in given and not isinstance(given["sender"], str):
        about["sender"] = given["sender"]
    return present({"claude": about})
