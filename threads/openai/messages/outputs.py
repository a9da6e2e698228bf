"""What the operations on messages answer, under the vendor's component names."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from messaging.models import Message
from messaging.services.items import ITEMS_READ_FROM
from messaging.sql.rows import JSONRow
from messaging.values.types import JSONObject
from messaging.wire.shapes import Answer, Read, shown_superseder
from threads.openai.metadata import shown_metadata

ROLES = ("user", "assistant")
"""The roles that the vendor's threads know."""
ThreadMessageRole = TypeAliasType("ThreadMessageRole", Literal["user", "assistant"])
"""A component of the document, since two shapes name it."""
PARSED = ("attachments", "meta_data")
"""The columns of which more is shown than the items say."""
TEXTS = ("input_text", "output_text", "text")


class MessageObject(Answer):
    """A message of a thread."""

    sometimes = frozenset({"superseded_by"})

    id: str
    object: Literal["thread.message"] = "thread.message"
    created_at: int
    thread_id: str
    status: Literal["in_progress", "incomplete", "completed"]
    incomplete_details: JSONObject | None
    completed_at: int | None
    incomplete_at: int | None
    role: ThreadMessageRole
    content: list[JSONObject]
    assistant_id: str | None
    run_id: str | None
    attachments: list[JSONObject] | None
    metadata: dict[str, str]
    superseded_by: str | None = Field(None, description="The message that took its place, where one did")


class ListMessagesResponse(Answer):
    """A page of messages."""

    object: Literal["list"] = "list"
    data: list[MessageObject]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeleteMessageResponse(Answer):
    """It is gone."""

    id: str
    object: Literal["thread.message.deleted"] = "thread.message.deleted"
    deleted: Literal[True] = True


class MessageRow(Read):
    """A message, read for what the vendor's threads show of it."""

    parse = str

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        own = ("conversation_id", "created_at", "agent_id", "run_id", "seq", "superseded_by")
        return (*ITEMS_READ_FROM, *own)


def is_shown(row: Mapping[str, Any], items: Sequence[JSONObject]) -> bool:
    """Whether a message with these items is one of the vendor's threads, and not what a run did."""
    return row["role"] in ROLES and any(item["type"] == "message" for item in items)


def message_object(row: JSONRow, items: Sequence[JSONObject]) -> JSONObject:
    """The MessageObject of a row and its items."""
    return _shown(row | {name: json.loads(row[name]) if row[name] else None for name in PARSED}, items)


def message_created(row: Message, item: JSONObject) -> JSONObject:
    """The same of a message that was just stored, as this item."""
    return _shown({name: getattr(row, name) for name in MessageRow.columns()}, [item])


def _shown(row: JSONRow, items: Sequence[JSONObject]) -> JSONObject:
    content = [part for item in items if item["type"] == "message" for part in item["content"]]
    created_at = row["created_at"]
    return {
        "id": row["id"],
        "object": "thread.message",
        "created_at": created_at,
        "thread_id": row["conversation_id"],
        "status": "completed",
        "incomplete_details": None,
        "completed_at": created_at,
        "incomplete_at": None,
        "role": row["role"],
        "content": [shown for part in content if isinstance(part, dict) and (shown := _content(part))],
        "assistant_id": row["agent_id"],
        "run_id": row["run_id"],
        "attachments": [*_attachments(row, content)],
        "metadata": shown_metadata(row["meta_data"]),
        **shown_superseder(row),
    }


def _content(part: JSONObject) -> JSONObject | None:
    """A part of a content as threads have it; None for a file, which is an attachment."""
    match part:
        case {"type": kind, "text": str(text)} if kind in TEXTS:
            known = ("file_citation", "file_path")
            given = part.get("annotations")
            listed = given if isinstance(given, list) else []
            annotations = [each for each in listed if isinstance(each, dict) and each.get("type") in known]
            return {"type": "text", "text": {"value": text, "annotations": annotations}}
        case {"type": "refusal", "refusal": str(refusal)}:
            return {"type": "refusal", "refusal": refusal}
        case {"type": "input_image"}:
            detail = part.get("detail") or "auto"
            if url := part.get("image_url"):
                return {"type": "image_url", "image_url": {"url": url, "detail": detail}}
            return {"type": "image_file", "image_file": {"file_id": part.get("file_id"), "detail": detail}}
    return None


def _attachments(row: JSONRow, content: Sequence[object]) -> Iterator[JSONObject]:
    """The files of a message, with the tools that they were given to."""
    stored = row["attachments"]
    listed = [each for each in stored if isinstance(each, dict)] if isinstance(stored, list) else []
    tools = {each.get("file_id"): each["tools"] for each in listed if isinstance(each.get("tools"), list)}
    for part in content:
        match part:
            case {"type": "input_file", "file_id": str(file_id)}:
                yield {"file_id": file_id, "tools": tools.get(file_id, [])}
