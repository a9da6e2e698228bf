"""What the message operations answer, under the vendor's component names."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db.models import OuterRef, Subquery
from pydantic import Field

from messaging.content import refs_in, with_refs
from messaging.models import Conversation, Message
from messaging.services.inlining import shown_objects
from messaging.sql.databases import write_database
from messaging.sql.rows import JSONRow, json_rows
from messaging.values.documents import AS_PUBLISHED
from messaging.values.json import dumps
from messaging.values.types import JSONObject
from messaging.wire.shapes import Read

MARK = b'_ref":{"object_id"'
"""What attachments hold whose large texts are kept outside, as the store writes it."""
JSONValue = orjson.Fragment | JSONObject


class MessageRead(Read):
    """A stored message."""

    model_config = AS_PUBLISHED

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
    seq: int = Field(
        default_factory=int,
        description="Number within its conversation, in the order of arrival; see `after_seq`",
    )
    superseded_by: str | None = Field(
        None, description="The message that took its place, or that of one in front of it: see `branch`"
    )
    token_count: int | None = Field(None, description="Tokens of its text, calls and results")
    token_counter: str | None = Field(
        None, description="Who counted them: `writer`, or a counter such as `estimate`"
    )

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return (*cls.model_fields, "derived_meta_data")

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        if derived := values.pop("derived_meta_data"):
            values["meta_data"] = _merged(values["meta_data"], derived)
        return values


def message_reads(workspace_id: str, rows: Iterable[Message | JSONRow]) -> list[dict[str, Any]]:
    """MessageReads of these rows, their attachments as they were sent."""
    shown = MessageRead.all_of(rows)
    with_attachments(workspace_id, shown)
    return shown


def with_attachments(workspace_id: str, shown: Sequence[dict[str, Any]], budget: int | None = None) -> None:
    """Put large texts of attachments back into these MessageReads, as far as `shown_objects` gives them."""
    given = {
        row["id"]: json.loads(text)
        for row in shown
        if row["attachments"] and MARK in (text := dumps(row["attachments"]))
    }
    refs = [(message_id, ref) for message_id, value in given.items() for ref in refs_in(value)]
    objects = shown_objects(refs, workspace_id=workspace_id, budget=budget)
    for row in shown if given else ():
        if row["id"] in given:
            row["attachments"] = with_refs(given[row["id"]], objects.get(row["id"], {}))


def messages_of(workspace_id: str, message_ids: Collection[str]) -> list[dict[str, Any]]:
    """Those of these messages that exist, as a list would show them, in their order; large texts of
    attachments as refs."""
    using = write_database(Message)  # a replica may not have those that were just written
    rows = Message.objects.using(using).for_workspace(workspace_id).filter(pk__in=message_ids)
    read = json_rows(rows.in_order(("conversation_id", "seq")), MessageRead.columns())
    shown = MessageRead.all_of(read)
    with_attachments(workspace_id, shown, budget=0)
    return shown


def last_messages_of(workspace_id: str, conversation_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The message that a list of each of these conversations begins with, by the id of the conversation."""
    within = Message.objects.for_workspace(workspace_id).filter(conversation=OuterRef("pk"))
    newest = within.current().order_by("-created_at", "-seq").values("pk")[:1]
    conversations = Conversation.objects.for_workspace(workspace_id).filter(pk__in=conversation_ids)
    rows = Message.objects.for_workspace(workspace_id).filter(
        pk__in=conversations.values(newest=Subquery(newest))
    )
    shown = message_reads(workspace_id, json_rows(rows.in_order(("id",)), MessageRead.columns()))
    return {message["conversation_id"]: message for message in shown}


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
