"""When keys were last used: noted in memory by the request, written after its answer, at best effort.

No request waits for the write and none fails with it: authentication must not depend on a write, for the
database may be read-only or the row locked.
"""

import logging
import time
from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.signals import request_finished
from django.db import connections, transaction
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from messaging.conf import parley_settings
from messaging.models import ApiKey
from messaging.sql.databases import write_database

logger = logging.getLogger("messaging")


class _Uses:
    """What this process has noted. Threads share it; each change is a single operation on it."""

    def __init__(self) -> None:
        self.waiting: dict[tuple[str, str], datetime] = {}
        """By database and key: when it was used, for keys whose row says something older."""
        self.paused_until = 0.0
        """Monotonic seconds: after a failure nothing is tried for a while."""
        self.has_failed = False
        """The log was told of the failure that lasts."""

    def take(self) -> dict[str, dict[str, datetime]]:
        """All that waits, by database; a note that comes in between is lost, and made again by the next
        request."""
        waiting, self.waiting = self.waiting.copy(), {}
        taken: dict[str, dict[str, datetime]] = {}
        for (using, key), moment in waiting.items():
            taken.setdefault(using, {})[key] = moment
        return taken


_uses = _Uses()


def note_use(api_key: ApiKey) -> None:
    """Note that the key is in use, unless its row says so, at most `last_used_seconds` old."""
    now = timezone.now()
    if api_key.last_used_at is None or api_key.last_used_at <= now - _interval():
        _uses.waiting[write_database(ApiKey), api_key.pk] = now


@receiver(request_finished, dispatch_uid="parley.last_used")
def write_uses(**kwargs: object) -> None:
    """Write what was noted. A failure is logged once and costs the notes alone."""
    if not _uses.waiting or time.monotonic() < _uses.paused_until:
        return
    for using, taken in _uses.take().items():
        _write_of(using, taken)


def _write_of(using: str, taken: dict[str, datetime]) -> None:
    """What was noted of one database."""
    try:
        _write(taken.keys(), max(taken.values()), using)
        _uses.has_failed = False
    except Exception as error:
        _uses.paused_until = time.monotonic() + _interval().total_seconds()
        if not _uses.has_failed:
            logger.warning("the last use of API keys cannot be written: %s", error)
        _uses.has_failed = True
    finally:
        _close_when_due(using)


def _write(keys: Collection[str], moment: datetime, using: str) -> None:
    """One statement, which passes over rows that somebody else has locked or written meanwhile."""
    stale = Q(last_used_at=None) | Q(last_used_at__lte=moment - _interval())
    with transaction.atomic(using=using):
        free = ApiKey.objects.using(using).filter(stale, pk__in=keys).select_for_update(skip_locked=True)
        ApiKey.objects.using(using).filter(pk__in=free.order_by().values("pk")).update(last_used_at=moment)


def _close_when_due(using: str) -> None:
    """Django closes connections at the end of a request, which for this one is over."""
    connection = connections[using]
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _interval() -> timedelta:
    return timedelta(seconds=parley_settings().last_used_seconds)
