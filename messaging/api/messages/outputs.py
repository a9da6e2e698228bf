"""What the message operations answer, under the vendor's component names."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

import orjson
from pydantic import Field

from messaging.models import Message
from messaging.sql.databases import write_database
from messaging.sql.rows import JSONRow, json_rows
from messaging.values.json import dumps
from messaging.values.types import JSONObject
from messaging.wire.shapes import Read

JSONValue = orjson.Fragment | JSONObject


class MessageRead(Read):
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

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return (*cls.model_fields, "derived_meta_data")

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        if derived := values.pop("derived_meta_data"):
            values["meta_data"] = _merged(values["meta_data"], derived)
        return values


def messages_of(workspace_id: str, message_ids: Collection[str]) -> list[dict[str, Any]]:
    """Those of these messages that exist, as a list would show them, in their order."""
    using = write_database(Message)  # a replica may not have those that were just written
    rows = Message.objects.using(using).for_workspace(workspace_id).filter(pk__in=message_ids)
    columns = MessageRead.columns()
    return [MessageRead.of(row) for row in json_rows(rows.in_order(("conversation_id", "seq")), columns)]


def without_derived(row: Message, meta_data: JSONObject | None) -> JSONObject | None:
    """Meta data as a client sends them back, without those that it was only shown."""
    derived, own = row.derived_meta_data or {}, row.meta_data or {}
    return meta_data and {
        name: value for name, value in meta_data.items() if name in own or name not in derived
    }


def _merged(own: JSONValue | None, derived: JSONValue) -> orjson.Fragment:
    """Two JSON objects as one; its own values keep the spelling in which they are stored."""
    stored = dumps(own).decode() if own else "{}"
    names = json.loads(stored)
    added = {name: value for name, value in json.loads(dumps(derived)).items() if name not in names}
    if not added:
        return orjson.Fragment(stored)
    text = dumps(added).decode()
    return orjson.Fragment(f"{stored.rstrip()[:-1]},{text[1:]}" if names else text)
