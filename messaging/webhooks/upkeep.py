"""The upkeep of the lists of deliveries."""

from datetime import timedelta

from messaging.conf import parley_settings
from messaging.jobs import PLAIN, Context, Counts, job
from messaging.models import Webhook
from messaging.services import webhooks

MOST_KEPT = 1_000
"""Attempts that stay in the list of a webhook."""


@job("remove_old_deliveries", every=timedelta(minutes=10))
def remove_old_deliveries(context: Context = PLAIN) -> Counts:
    """Delete the attempts that are `DELIVERIES_KEPT_DAYS` old, and of each webhook all but the latest."""
    age, removed = timedelta(days=parley_settings().deliveries_kept_days), 0
    for webhook in Webhook.objects.all():
        if context.should_stop():
            break
        removed += webhooks.remove_old_deliveries(webhook, kept=MOST_KEPT, age=age)
        context.progress(removed, note="removed")
    return {"removed": removed}
