"""Sending: each webhook by one thread at a time, so that a slow endpoint keeps nobody else waiting."""

import logging
import threading
import time
from contextvars import copy_context
from typing import Any

from django.db import connections
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from messaging.changes import ChangePage, read_changes
from messaging.conf import parley_settings
from messaging.exceptions import ResyncNeeded
from messaging.jobs import PLAIN, Context, shared_loop
from messaging.models import Webhook, WebhookDelivery
from messaging.services.webhooks import columns_of, free_webhook, note_attempt
from messaging.values.choices import WebhookState
from messaging.values.position import Position
from messaging.values.signatures import SecretLost, signature

from . import reasons
from .events import PING, Event, body_of, event_of, ping_of, resync_of
from .leases import claim, lease_seconds
from .schedule import delay_after
from .sending import Reply, post

logger = logging.getLogger("messaging")

PAGE = 100
"""Changes that are read at once."""
PAUSE = 0.25
"""Seconds between two looks for webhooks that are due, while others are being sent to."""
TURN = 10.0
"""Seconds after which a webhook lets others have its thread."""
GONE = 410
DISABLED = {"state": WebhookState.DISABLED, "state_since": Now()}


@shared_loop("deliver_webhooks")
def deliver_webhooks(context: Context = PLAIN) -> bool:
    """Send what is due to webhooks until nothing is; whether there was something.

    Any number of workers may do so at once: each webhook is sent to by one of them at a time.
    """
    active: list[threading.Thread] = []
    was_due = False
    while not context.should_stop():
        active = [thread for thread in active if thread.is_alive()]
        free = parley_settings().webhook_threads - len(active)
        started = [_started(webhook, context) for webhook in (claim(free) if free else ())]
        active += started
        was_due |= bool(started)
        if not active:
            break
        if not started:
            active[0].join(PAUSE)
    for thread in active:
        thread.join()
    return was_due


def deliver(webhook: Webhook, context: Context = PLAIN) -> None:
    """Send to a leased webhook what it was not sent yet, in order, and end the lease.

    It stops at the first failure, when its turn is over, and when the lease is lost.
    """
    turn_ends = time.monotonic() + TURN
    for event in _Outbox(webhook):
        if not _attempt(webhook, event) or context.should_stop() or time.monotonic() >= turn_ends:
            break
    free_webhook(webhook)


def _started(webhook: Webhook, context: Context) -> threading.Thread:
    # A thread that waits for an endpoint does not keep its process from ending.
    thread = threading.Thread(target=copy_context().run, args=(_run, webhook, context), daemon=True)
    thread.start()
    return thread


def _run(webhook: Webhook, context: Context) -> None:
    try:
        deliver(webhook, context)
    except Exception:  # the lease ends by itself
        logger.exception("webhook %s cannot be sent to", webhook.pk)
    finally:
        connections.close_all()


class _Outbox:
    """What a webhook is to be sent, one event after the other, as the attempts before have left it."""

    def __init__(self, webhook: Webhook) -> None:
        self.webhook = webhook

    def __iter__(self) -> "_Outbox":
        self._read: list[Event] = []
        return self

    def __next__(self) -> Event:
        webhook = self.webhook
        if webhook.ping_id:
            return ping_of(webhook)
        if webhook.state != WebhookState.ACTIVE or webhook.next_attempt_at > timezone.now():
            raise StopIteration
        if webhook.resync_reason:
            return resync_of(webhook)
        while not self._read:
            page = self._page()
            if page is None:
                return resync_of(webhook)
            self._read = [event_of(change) for change in page.changes][::-1]
            if not self._read and not (self._moved(page) and page.has_more):
                raise StopIteration
        return self._read.pop()

    def _page(self) -> ChangePage | None:
        """The changes after the position; None where it is of no use, and the webhook is to be told so."""
        webhook = self.webhook
        try:
            return read_changes(
                workspace_id=webhook.workspace_id,
                after=str(webhook.position),
                limit=PAGE,
                kinds=webhook.types or None,
                conversation_id=webhook.conversation_id,
            )
        except ResyncNeeded as error:
            reason = error.reason[:255]
            if not _note(webhook, None, **columns_of(Position.of(error.position)), resync_reason=reason):
                raise StopIteration from None
            return None

    def _moved(self, page: ChangePage) -> bool:
        """Move the position behind what need not be sent; False where somebody else has moved it."""
        return _note(self.webhook, None, **columns_of(Position.of(page.next_position)))


def _attempt(webhook: Webhook, event: Event) -> bool:
    """Send an event, and note what became of it; whether to go on."""
    try:
        reply = _posted(webhook, event)
    except SecretLost as error:
        _note(webhook, None, **DISABLED, state_reason=str(error), ping_id=None)
        return False
    delivery = WebhookDelivery(
        workspace_id=webhook.workspace_id,
        webhook_id=webhook.pk,
        event_id=event.id,
        type=event.type,
        attempt=1 if event.type == PING else webhook.failures + 1,
        status=reply.status,
        # An endpoint that is sent what people say may quote it, and no redaction would find it there.
        answer="" if webhook.include else reply.answer,
        error=reply.error,
        milliseconds=reply.milliseconds,
    )
    follows = _after_ping(event) if event.type == PING else _after(webhook, event, reply)
    return _note(webhook, delivery, **follows) and (reply.is_success or event.type == PING)


def _posted(webhook: Webhook, event: Event) -> Reply:
    now, body = timezone.now(), body_of(event, webhook)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": event.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature(webhook.secrets, event_id=event.id, sent_at=now, body=body),
    }
    return post(webhook.url, body, headers, seconds=parley_settings().webhook_timeout_seconds)


def _after(webhook: Webhook, event: Event, reply: Reply) -> dict[str, Any]:
    """The columns that follow from an attempt."""
    if reply.is_success:
        moved = columns_of(event.position) if event.position else {"resync_reason": ""}
        return {"failures": 0, "next_attempt_at": Now(), **moved}
    failures = webhook.failures + 1
    if reply.status == GONE:
        return {"failures": failures, **DISABLED, "state_reason": reasons.GONE}
    delay = delay_after(failures, reply)
    if delay is None:
        return {"failures": failures, **DISABLED, "state_reason": _given_up(failures, reply)}
    return {"failures": failures, "next_attempt_at": Now() + delay}


def _after_ping(event: Event) -> dict[str, Any]:
    """A test event is sent once, and says nothing of the others. One that was asked for meanwhile stays."""
    return {"ping_id": Case(When(ping_id=event.id, then=Value(None)), default=F("ping_id"))}


def _given_up(failures: int, reply: Reply) -> str:
    return (reasons.GIVEN_UP % {"failures": failures, "error": reply.error})[:255]


def _note(webhook: Webhook, delivery: WebhookDelivery | None, **values: Any) -> bool:
    return note_attempt(webhook, delivery, seconds=lease_seconds(), **values)
