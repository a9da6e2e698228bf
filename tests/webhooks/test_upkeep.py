"""The list of deliveries stays short: by age, and by number."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Webhook, WebhookDelivery
from messaging.services import create_webhook
from messaging.webhooks import remove_old_deliveries, upkeep
from tests.cast import Tenant

pytestmark = pytest.mark.django_db


def deliver(webhook: Webhook, *days_ago: int) -> None:
    for days in days_ago:
        WebhookDelivery.objects.create(
            workspace_id=webhook.workspace_id,
            webhook=webhook,
            event_id=str(days),
            type="ping",
            attempt=1,
            milliseconds=1,
            created_at=timezone.now() - timedelta(days=days),
        )


def events(webhook: Webhook) -> list[str]:
    rows = WebhookDelivery.objects.for_workspace(webhook.workspace_id).filter(webhook=webhook.pk)
    return sorted(rows.values_list("event_id", flat=True))


@pytest.fixture
def hooks(acme: Tenant, globex: Tenant) -> list[Webhook]:
    """One of each workspace."""
    url = "https://127.0.0.1/hook"
    return [create_webhook(workspace_id=tenant.workspace.pk, url=url)[0] for tenant in (acme, globex)]


def test_what_is_too_old_goes(hooks: list[Webhook]):
    for hook in hooks:
        deliver(hook, 1, 6, 8, 9)
    assert remove_old_deliveries() == {"removed": 4}
    assert [events(hook) for hook in hooks] == [["1", "6"]] * 2


def test_of_too_many_the_latest_stay(hooks: list[Webhook], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upkeep, "MOST_KEPT", 2)
    deliver(hooks[0], 4, 1, 3, 2)
    deliver(hooks[1], 5)
    assert remove_old_deliveries() == {"removed": 2}
    assert [events(hook) for hook in hooks] == [["1", "2"], ["5"]]
    assert remove_old_deliveries() == {"removed": 0}
