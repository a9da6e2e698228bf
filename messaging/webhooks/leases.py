"""Leases of webhooks: of many workers one sends to an endpoint, so what it is sent stays in order.

A webhook is free for taking when it has something to be sent: a change after its position, a test event, a
notice, or a position that has not moved for long and would come to look too old.
"""

from collections.abc import Sequence
from functools import cache

from django.db import connections

from messaging.changes.reading import ENDED
from messaging.conf import parley_settings
from messaging.models import Change, Webhook
from messaging.models.epoch import current_epoch
from messaging.sql.databases import write_database
from messaging.sql.leases import LATER, NOW, PASSING_OVER, new_holder
from messaging.sql.statements import Statement
from messaging.values.choices import WebhookState

HOUR = 3_600
DUE = """
SELECT id FROM {{webhooks}}
WHERE (lease_until IS NULL OR lease_until < {now}) AND (
  ping_id IS NOT NULL OR (
    state = '{active}' AND next_attempt_at <= {now} AND (
      resync_reason <> '' OR epoch <> %s OR moved_at < {long_ago} OR EXISTS (
        SELECT 1 FROM {{changes}}
        WHERE {{changes}}.workspace_id = {{webhooks}}.workspace_id
          AND ({{changes}}.xid, {{changes}}.id) > ({{webhooks}}.xid, {{webhooks}}.change_id) AND {ended}
      )
    )
  )
)
ORDER BY next_attempt_at LIMIT %s {passing_over}
"""
# Materialized: a plan may run a subquery again, and would then take more rows than its limit.
CLAIM = """
WITH due AS MATERIALIZED ({due})
UPDATE {{webhooks}} SET leased_by = %s, lease_until = {later} WHERE id IN (SELECT id FROM due)
RETURNING {{columns}}
"""


def lease_seconds() -> int:
    """How long a worker may be silent within one attempt before another one takes its webhook over."""
    settings = parley_settings()
    return settings.webhook_timeout_seconds + settings.job_lease_seconds


def claim(limit: int) -> list[Webhook]:
    """Take webhooks that something is due for, at most so many, those first that have waited longest.

    They have the same `leased_by`, which no other claim has.
    """
    using, holder = write_database(Webhook), new_holder()
    vendor = connections[using].vendor
    due: Sequence[object] = [current_epoch(using), limit]
    # SQLite would take the lock of the writer for the claim itself.
    if vendor == "sqlite" and not _due(vendor).rows(using, due):
        return []
    rows = _claiming(vendor, lease_seconds()).rows(using, [*due, holder])
    # Read apart: of what UPDATE returns the driver would parse JSON itself.
    return list(Webhook.objects.using(using).leased(holder).order_by("next_attempt_at")) if rows else []


@cache
def _due(vendor: str) -> Statement:
    return Statement(_due_text(vendor), columns=("id",), webhooks=Webhook, changes=Change)


@cache
def _claiming(vendor: str, seconds: int) -> Statement:
    text = CLAIM.format(later=LATER[vendor].format(seconds=seconds), due=_due_text(vendor))
    return Statement(text, columns=("id",), webhooks=Webhook, changes=Change)


def _due_text(vendor: str) -> str:
    return DUE.format(
        now=NOW[vendor],
        long_ago=LATER[vendor].format(seconds=-HOUR),
        active=WebhookState.ACTIVE.value,
        ended=ENDED[vendor],
        passing_over=PASSING_OVER[vendor],
    )
