"""What the operations on messages answer, under the vendor's component names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from pydantic import Field

from messaging.content import JSON_COLUMNS, Link
from messaging.models import Message
from messaging.services.reading import READ_FROM, parts_of
from messaging.sql.rows import JSONRow
from messaging.values.documents import AS_PUBLISHED
from messaging.values.json import dumps
from messaging.values.types import JSONObject
from messaging.wire.shapes import Read, shown_superseder
from threads.seekrflow.dialect import SEEKRFLOW
from threads.seekrflow.parts.outputs import MessageParts

from .images import contents_with_images
from .items import InputItems, OutputItems


class ThreadMessageResponse(Read):
    """A message of a thread. `parts` is there only when asked for, `superseded_by` only where another message
    took the place of this one."""

    model_config = AS_PUBLISHED
    parse = str

    id: str = Field(default_factory=str)
    object: str = "thread.message"
    created_at: datetime = Field(default_factory=datetime.now)
    thread_id: str
    role: str
    content: str | InputItems | OutputItems
    parts: MessageParts | None = None
    agent_id: str | None = None
    run_id: str | None = None
    meta_data: JSONObject = Field(default_factory=dict)
    superseded_by: str | None = None

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Its fields but what is made of others, and these."""
        fields = (name for name in cls.model_fields if name not in ("object", "thread_id", "parts"))
        return (*fields, "conversation_id", "structured_content", "content_dialect")


class WithParts(ThreadMessageResponse):
    """The same, and what its parts are made of."""

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().columns(), *READ_FROM)))


def message_row(message: Message, shape: type[ThreadMessageResponse]) -> JSONRow:
    """An instance as `find_row` would read it."""
    row = {name: getattr(message, name) for name in shape.columns()}
    return row | {name: dumps(row[name]).decode() for name in JSON_COLUMNS if row.get(name) is not None}


def thread_messages(
    rows: Sequence[Mapping[str, Any]], *, workspace_id: str, link: Link, include_parts: bool
) -> list[dict[str, Any]]:
    """ThreadMessageResponses of these rows, in a number of statements that does not depend on theirs."""
    contents = contents_with_images(rows, workspace_id=workspace_id, link=link)
    parts = parts_of(rows, workspace_id=workspace_id, link=link) if include_parts else {}
    return [_message_read(row, contents, parts) for row in rows]


def _message_read(
    row: Mapping[str, Any], contents: Mapping[str, Any], parts: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": row["id"],
        "object": "thread.message",
        "created_at": row["created_at"],
        "thread_id": row["conversation_id"],
        "role": row["role"],
        "content": contents.get(row["id"]) or _content(row),
        **({"parts": parts[row["id"]]} if row["id"] in parts else {}),
        "agent_id": row["agent_id"],
        "run_id": row["run_id"],
        "meta_data": orjson.Fragment(row["meta_data"]) if row["meta_data"] else {},
        **shown_superseder(row),
    }


def _content(row: Mapping[str, Any]) -> str | orjson.Fragment:
    """The items of this dialect as they were sent, else the text: the parts say what else there is."""
    if row["content_dialect"] != SEEKRFLOW.name or row["structured_content"] is None:
        return str(row["content"])
    return orjson.Fragment(row["structured_content"])
