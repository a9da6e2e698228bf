"""What the message operations answer, under the vendor's component names."""

import json
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, Field

from messaging.models import Message
from messaging.values.json import dumps
from messaging.values.types import JSONObject


class MessageRead(BaseModel):
    """A stored message."""

    created_at: str | None = None
    updated_at: str | None = None
    id: str = Field(default_factory=str)
    conversation_id: str = Field(description="Reference to conversation")
    sender_id: str = Field(description="ID of the message sender")
    role: str = Field("user", description="Message role (user, assistant, system, etc.)")
    content: str = Field(description="Message content")
    tool_calls: list[JSONObject] | None = Field(None, description="Tool calls made in this message")
    message_type: str = Field("text", description="Type of message")
    tags: list[str] | None = Field(None, description="Message tags")
    checksum: str | None = Field(None, description="Message checksum")
    attachments: list[JSONObject] | None = Field(None, description="Message attachments")
    parent_message_id: str | None = Field(None, description="Parent message ID for threading")
    meta_data: JSONObject | None = Field(None, description="Additional metadata")
    sent_at: datetime | None = Field(None, description="When the message was sent")
    owner_id: str | None = Field(None, description="Owner ID")
    workspace_id: str = Field(description="Reference to workspace")


MESSAGE_COLUMNS = (*MessageRead.model_fields, "derived_meta_data")
"""What is read of each message, for `message_shown`."""


def message_read(row: Message) -> dict[str, Any]:
    """A MessageRead from an instance."""
    read = {name: getattr(row, name) for name in MessageRead.model_fields}
    if row.derived_meta_data:
        read["meta_data"] = {**(row.meta_data or {}), **_added(row)}
    return read


def message_shown(row: dict[str, Any]) -> dict[str, Any]:
    """A MessageRead from a row that was read with MESSAGE_COLUMNS, which is one but for what is derived."""
    if derived := row.pop("derived_meta_data"):
        row["meta_data"] = _merged(row["meta_data"], derived)
    return row


def without_derived(row: Message, meta_data: dict[str, Any] | None) -> dict[str, Any] | None:
    """Meta data as a client sends them back, without those that it was only shown."""
    added = _added(row)
    return meta_data and {name: value for name, value in meta_data.items() if name not in added}


def _added(row: Message) -> dict[str, Any]:
    """What is derived and not among its own."""
    own = row.meta_data or {}
    return {name: value for name, value in (row.derived_meta_data or {}).items() if name not in own}


def _merged(own: orjson.Fragment | None, derived: orjson.Fragment) -> orjson.Fragment:
    """Two JSON objects as one; its own values keep the spelling in which they are stored."""
    stored = dumps(own).decode() if own else "{}"
    names = json.loads(stored)
    added = {name: value for name, value in json.loads(dumps(derived)).items() if name not in names}
    if not added:
        return orjson.Fragment(stored)
    text = dumps(added).decode()
    return orjson.Fragment(f"{stored.rstrip()[:-1]},{text[1:]}" if names else text)
