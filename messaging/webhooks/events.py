"""What is posted: an event of `type`, `timestamp` and `data`, under an id that every attempt repeats."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.module_loading import import_string

from messaging.changes import change_read
from messaging.conf import parley_settings
from messaging.models import Change, Webhook
from messaging.values.choices import ChangeKind
from messaging.values.json import encode
from messaging.values.position import Position

MOST_BYTES = 20_000
"""Of a body with messages; one that would be larger goes without them."""
HAVE_MESSAGES = frozenset({ChangeKind.MESSAGES_CREATED, ChangeKind.MESSAGES_UPDATED})
PING, RESYNC = "ping", "resync"
Render = Callable[[str, Collection[str]], list[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to be sent."""

    id: str
    """The header `webhook-id`, by which a receiver knows what it was sent before. It holds no dot."""
    type: str
    timestamp: datetime = field(default_factory=timezone.now)
    data: Mapping[str, Any]
    position: Position | None = None
    """Of the change, where it is one."""

    def body(self, **more: object) -> bytes:
        """The event as JSON, with further keys of its `data`."""
        return encode({"type": self.type, "timestamp": self.timestamp, "data": {**self.data, **more}})


def event_of(change: Change) -> Event:
    """The change itself, as in the feed."""
    return Event(
        id=str(change.position),
        type=change.kind,
        timestamp=change.created_at,
        data=change_read(change),
        position=change.position,
    )


def ping_of(webhook: Webhook) -> Event:
    """The test event that somebody asked for."""
    data = {"webhook_id": webhook.pk, "workspace_id": webhook.workspace_id}
    return Event(id=webhook.ping_id or "", type=PING, data=data)


def resync_of(webhook: Webhook) -> Event:
    """Says that changes were missed: the receiver reads the state anew, and is sent what comes after."""
    data = {
        "webhook_id": webhook.pk,
        "workspace_id": webhook.workspace_id,
        "reason": webhook.resync_reason,
        "position": str(webhook.position),
    }
    return Event(id=f"{RESYNC}_{webhook.position}", type=RESYNC, data=data)


def body_of(event: Event, webhook: Webhook) -> bytes:
    """What is posted: thin, or with the messages that the change names where the webhook asks for them."""
    ids = event.data.get("message_ids")
    if webhook.include != "messages" or event.type not in HAVE_MESSAGES or not ids:
        return event.body()
    render: Render = import_string(parley_settings().webhook_messages)
    with_messages = event.body(messages=render(webhook.workspace_id, ids))
    return with_messages if len(with_messages) <= MOST_BYTES else event.body()
