"""A change as clients see it: the same object in the feed, in the stream and in a webhook."""

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from messaging.models import Change
from messaging.values.documents import all_required

__all__ = ["ChangeActor", "ChangeRead", "change_read"]


class ChangeActor(BaseModel):
    """Who caused a change."""

    model_config = ConfigDict(json_schema_extra=all_required)

    type: Literal["api_key", "staff", "host"] = Field(
        description="`api_key`, `staff` or `host`, for a caller whom the host authenticated"
    )
    id: str


class ChangeRead(BaseModel):
    """Something that happened in a workspace. It names what changed and never quotes it."""

    model_config = ConfigDict(json_schema_extra=all_required)

    id: str = Field(description="Opaque position of the change, for `after`")
    type: str = Field(description="What happened, such as `messages.created`")
    workspace_id: str
    conversation_id: str | None = None
    message_ids: list[str] | None = Field(None, description="The messages, null where there are more than 20")
    run_id: str | None = None
    memory_ids: list[str] | None = Field(None, description="The memories, null where there are more than 20")
    first_seq: int | None = Field(None, description="The lowest `seq` among the messages")
    last_seq: int | None = Field(None, description="The highest `seq` among the messages")
    count: int | None = Field(None, description="How many messages, runs or memories the change is about")
    imported: bool = Field(description="Whether history was brought in, in place of something new")
    actor: ChangeActor | None = Field(None, description="Who did it, null for the service itself")
    created_at: datetime


def change_read(change: Change) -> dict[str, Any]:
    """A ChangeRead of plain JSON values."""
    return {
        "id": str(change.position),
        "type": change.kind,
        "workspace_id": change.workspace_id,
        "conversation_id": change.conversation_id,
        "message_ids": change.message_ids,
        "run_id": change.run_id,
        "memory_ids": change.memory_ids,
        "first_seq": change.first_seq,
        "last_seq": change.last_seq,
        "count": change.count,
        "imported": change.imported,
        "actor": {"type": change.actor_kind, "id": change.actor_id} if change.actor_kind else None,
        "created_at": change.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }
