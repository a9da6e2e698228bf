"""How far readers are behind: on PostgreSQL a transaction that stays open holds every reader back."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.utils import timezone

from messaging.models import Change
from messaging.sql.databases import read_database
from messaging.sql.running import rows_of
from messaging.sql.statements import converted

__all__ = ["Holder", "Lag", "changes_lag"]

# A probe of the index for each workspace, and none at all while no transaction runs.
OLDEST = """
SELECT MIN(unread.created_at) FROM (
  SELECT pg_snapshot_xmin(now)::text::bigint AS xmin, pg_snapshot_xmax(now)::text::bigint AS xmax
  FROM pg_current_snapshot() AS now
) AS horizon
CROSS JOIN parley_workspace AS workspace
CROSS JOIN LATERAL (
  SELECT created_at FROM parley_change
  WHERE workspace_id = workspace.id AND xid >= horizon.xmin ORDER BY xid, id LIMIT 1
) AS unread
WHERE horizon.xmin < horizon.xmax"""
# A role sees details of its own sessions alone, unless it has pg_read_all_stats.
HOLDER = """
SELECT pid, datname, usename, application_name, state, xact_start FROM pg_stat_activity
WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
ORDER BY age(backend_xid) DESC LIMIT 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The session whose open transaction holds readers back."""

    pid: int
    database: str | None
    """Any of the cluster, not only ours."""
    user: str | None
    application: str | None
    state: str | None
    """Such as `idle in transaction`."""
    since: datetime | None
    """When the transaction began; null where our role may not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far readers are behind the writers."""

    seconds: float
    """The age of the oldest change that is committed and cannot be read yet; 0 where there is none."""
    holder: Holder | None
    """The oldest transaction that has written, where one runs and our role may see it."""


def changes_lag() -> Lag:
    """How far behind the readers of changes are held, and by whom. On SQLite nothing holds them."""
    using = read_database(Change)
    if connections[using].vendor != "postgresql":
        return Lag(seconds=0.0, holder=None)
    created_at = Change._meta.get_field("created_at")
    [(oldest,)] = converted(rows_of(OLDEST, [], using), (created_at,), using)
    seconds = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return Lag(seconds=max(0.0, seconds), holder=_holder(using))


def _holder(using: str) -> Holder | None:
    for pid, database, user, application, state, since in rows_of(HOLDER, [], using):
        return Holder(
            pid=pid, database=database, user=user, application=application, state=state, since=since
        )
    return None
