"""The rate limit: counted by the database, so it is exact across threads, processes and machines."""

import math
import re
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from messaging.exceptions import RateLimited
from messaging.models import RateWindow
from messaging.sql.statements import Statement

from .bulk import BATCH
from .transactions import as_parameter, write_database

SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
PATTERN = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour|day)", re.ASCII)

# A window opens with its first request rather than by the clock, so no burst can straddle two of them.
UPSERT = Statement(
    """
INSERT INTO {windows} (identity, started_at, count) VALUES (%s, %s, 1)
ON CONFLICT (identity) DO UPDATE SET
  count = CASE WHEN {windows}.started_at <= %s THEN 1 ELSE {windows}.count + 1 END,
  started_at = CASE WHEN {windows}.started_at <= %s THEN excluded.started_at ELSE {windows}.started_at END
RETURNING {columns}
""",
    columns=("count", "started_at"),
    windows=RateWindow,
)


def parse_rate(rate: str) -> tuple[int, timedelta] | None:
    """`600/minute` as (600, one minute); None where it is not of that form."""
    match = PATTERN.fullmatch(rate)
    return (int(match[1]), timedelta(seconds=SECONDS[match[2]])) if match else None


def count_request(*, identity: str, limit: int, period: timedelta) -> None:
    """Count one request of this caller. Raises RateLimited when `limit` of them fell into its window."""
    now = timezone.now()
    moment, expired = as_parameter(now), as_parameter(now - period)
    [(count, started_at)] = UPSERT.rows(write_database(), [identity, moment, expired, expired])
    if count > limit:
        raise RateLimited(max(1, math.ceil((started_at + period - now).total_seconds())))


def uncount_request(*, identity: str) -> None:
    """Take back the last request of this caller."""
    RateWindow.objects.filter(pk=identity, count__gt=0).update(count=F("count") - 1)


def forget_requests(*, identity: str) -> None:
    """Begin anew with this caller."""
    RateWindow.objects.filter(pk=identity).delete_rows()


def remove_old_windows(limit: int = BATCH) -> int:
    """Delete windows that every rate has left behind, at most so many; returns how many."""
    longest = timedelta(seconds=max(SECONDS.values()))
    old = RateWindow.objects.filter(started_at__lt=timezone.now() - longest)
    # The condition again: a caller may open a new window while this waits for the row.
    return old.filter(pk__in=old.values("pk")[:limit]).delete_rows()
