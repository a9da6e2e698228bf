"""What the webhook operations answer."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from messaging.sql.rows import JSONRow
from messaging.values.choices import ChangeKind, WebhookState
from messaging.values.position import Position
from messaging.wire.shapes import Answer, Read

POSITION = ("epoch", "xid", "change_id")


class WebhookRead(Read):
    """A webhook, without its secret."""

    id: str
    workspace_id: str
    url: str
    description: str
    types: list[ChangeKind] = Field(description="The types of changes that are sent; an empty list for all")
    conversation_id: str | None = None
    include: Literal["", "messages"]
    state: WebhookState = Field(
        description="`active`, `paused`, or `disabled` after long failure or an answer of 410"
    )
    state_reason: str = Field(description="Why it is disabled")
    state_since: datetime
    failures: int = Field(description="How many attempts in a row have failed")
    next_attempt_at: datetime = Field(description="Before it nothing is sent")
    position: str = Field(description="All changes up to here were delivered")
    created_by: str | None = None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        return (*(name for name in WebhookRead.model_fields if name != "position"), *POSITION)

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        shown = {"position": str(Position(*(values[name] for name in POSITION)))}
        return {name: shown.get(name, values.get(name)) for name in WebhookRead.model_fields}


class WebhookCreated(WebhookRead):
    """A webhook with its new secret, which is never shown again."""

    secret: str = Field(description="`whsec_` and the key that signs, in base64")


class WebhookPinged(Answer):
    """A test event that a worker is about to send."""

    id: str = Field(description="`webhook-id` of the event, by which its delivery is listed")


class WebhookDeliveryRead(Read):
    """One attempt to send one event."""

    id: str
    webhook_id: str
    event_id: str = Field(description="`webhook-id`: the same at every attempt")
    type: str
    attempt: int = Field(description="1 for the first of an event")
    status: int | None = Field(description="Of the answer, null where there was none")
    answer: str = Field(description="The beginning of the body of the answer")
    error: str = Field(description="Why it failed; empty for a success")
    milliseconds: int
    created_at: datetime
