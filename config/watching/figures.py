"""What the database knows of the state of the service, read when a scrape asks for it."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from messaging.changes import changes_lag
from messaging.models import Job, Webhook
from messaging.values.choices import WebhookState

__all__ = ["Figure", "figures"]


class Figure(NamedTuple):
    """A gauge of one value."""

    name: str
    help: str
    value: float


def figures() -> list[Figure]:
    """Those of this moment. Raises DatabaseError."""
    lag = "Age of the oldest change that is committed and cannot be read yet"
    return [Figure("parley_feed_lag_seconds", lag, changes_lag().seconds), *_of_jobs(), *_of_webhooks()]


def _of_jobs() -> Iterator[Figure]:
    oldest = Job.objects.due().aggregate(oldest=Min("run_at"))["oldest"]
    due = "How long the oldest job that is due has waited for a worker; 0 where none is due"
    yield Figure("parley_jobs_oldest_due_seconds", due, _age(oldest) if oldest else 0.0)
    failing = "Jobs that were given up, and jobs at times whose last attempt failed"
    yield Figure("parley_jobs_failing", failing, Job.objects.failing().count())
    # Every worker that serves the whole schedule takes one of its jobs each minute.
    scheduled = Job.objects.filter(schedule_key__isnull=False)
    if seen := scheduled.aggregate(seen=Max("heartbeat_at"))["seen"]:
        yield Figure("parley_worker_seen_seconds", "Time since a worker was last heard of", _age(seen))


def _of_webhooks() -> Iterator[Figure]:
    failing, disabled = Q(state=WebhookState.ACTIVE, failures__gt=0), Q(state=WebhookState.DISABLED)
    counts = Webhook.objects.aggregate(
        failing=Count("pk", filter=failing), disabled=Count("pk", filter=disabled)
    )
    yield Figure("parley_webhooks_failing", "Active webhooks whose last attempt failed", counts["failing"])
    yield Figure("parley_webhooks_disabled", "Webhooks that the store has disabled", counts["disabled"])


def _age(moment: datetime) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds())
