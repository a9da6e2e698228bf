"""Endpoints, webhooks that are sent to them, and time that passes when a test says so."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from messaging.models import Webhook
from messaging.services import MessageDraft, Writer, append_messages, create_webhook
from messaging.webhooks import deliver_webhooks
from tests.cast import Tenant

from .endpoint import Endpoint, running


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running() as serving:
        yield serving


@pytest.fixture
def hook(acme: Tenant, endpoint: Endpoint) -> Webhook:
    """A webhook that is sent every change of acme to the endpoint."""
    return create_webhook(workspace_id=acme.workspace.pk, url=endpoint.url)[0]


@pytest.fixture
def say(acme: Tenant) -> Callable[..., list[str]]:
    """Appends messages to acme's conversation, each by a write of its own; returns their ids."""

    def append(*contents: str, **fields: Any) -> list[str]:
        ids = []
        for content in contents:
            [row] = append_messages(
                workspace_id=acme.workspace.pk,
                conversation_id=acme.conversation.pk,
                drafts=[MessageDraft(content=content, **fields)],
                writer=Writer(),
            )
            ids.append(row.pk)
        return ids

    return append


@pytest.fixture
def send(transactional_db: None) -> Callable[[], None]:
    """Sends what is due, as a worker does."""

    def run() -> None:
        time.sleep(0.002)  # SQLite's clock has milliseconds: what is due since this one is due in the next
        deliver_webhooks()

    return run


def let_pass(webhook: Webhook, by: timedelta = timedelta(days=2)) -> None:
    """Have the next attempt be due as if so much time had passed."""
    webhook.refresh_from_db()
    due = webhook.next_attempt_at - by
    type(webhook).objects.filter(pk=webhook.pk).update(next_attempt_at=due)


def waits(webhook: Webhook) -> float:
    """Seconds until the next attempt."""
    webhook.refresh_from_db()
    return (webhook.next_attempt_at - timezone.now()).total_seconds()


def messages_in(endpoint: Endpoint) -> list[str]:
    """The ids of the messages that the endpoint was told of, in the order it was."""
    return [pk for received in endpoint.received for pk in received.event["data"].get("message_ids") or ()]
