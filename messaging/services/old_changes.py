"""How changes end: those that are kept no longer are removed in batches, and a restore begins a new epoch."""

from datetime import timedelta

from django.db import connections
from django.utils import timezone

from messaging.changes.reading import ENDED
from messaging.conf import parley_settings
from messaging.models import Change
from messaging.models.epoch import EPOCH_TABLE, identity_of
from messaging.sql.running import rows_of

from .transactions import as_parameter, atomic, write_database

BATCH = 1_000
# Only the oldest rows are looked at, by the primary key. What a reader may still be waiting for stays.
REMOVE = """
DELETE FROM parley_change WHERE id IN (
  SELECT id FROM (SELECT id, xid, created_at FROM parley_change ORDER BY id LIMIT %s) AS oldest
  WHERE created_at < %s AND {ended}
) RETURNING xid, id"""
NOTE = f"""
UPDATE {EPOCH_TABLE} SET removed_xid = %s, removed_id = %s WHERE (removed_xid, removed_id) < (%s, %s)"""  # noqa: S608
BEGIN = {
    "postgresql": "substr(md5(gen_random_uuid()::text), 1, 12)",
    "sqlite": "lower(hex(randomblob(6)))",
}


def remove_old_changes(limit: int = BATCH) -> int:
    """Delete changes older than `CHANGES_KEPT_DAYS`, of any workspace, at most so many; returns how many.

    A reader whose position lies before the last of them is told to resync. After a restore into another
    cluster of PostgreSQL this begins a new epoch first.
    """
    using = write_database()
    if _has_moved(using):
        return begin_epoch()
    oldest = timezone.now() - timedelta(days=parley_settings().changes_kept_days)
    text = REMOVE.format(ended=ENDED[connections[using].vendor])
    with atomic():
        removed = rows_of(text, [limit, as_parameter(oldest)], using)
        if removed:
            last = max(removed)
            rows_of(NOTE, [*last, *last], using)
    return len(removed)


def begin_epoch() -> int:
    """Forget every change and begin anew, so that each reader is told to resync; returns how many there were.

    To be called after a restore to an earlier moment, which hands out numbers again that readers know.
    """
    using = write_database()
    drawn = BEGIN[connections[using].vendor]
    with atomic():
        rows_of(
            f"UPDATE {EPOCH_TABLE} SET epoch = {drawn}, cluster = %s, removed_xid = 0, removed_id = 0",  # noqa: S608
            [identity_of(using)],
            using,
        )
        return Change.objects.all().delete_rows()


def _has_moved(using: str) -> bool:
    """Whether the rows are those of another cluster; the present one is noted the first time."""
    identity = identity_of(using)
    [(cluster,)] = rows_of(f"SELECT cluster FROM {EPOCH_TABLE}", [], using)  # noqa: S608
    if cluster is None:
        rows_of(f"UPDATE {EPOCH_TABLE} SET cluster = %s WHERE cluster IS NULL", [identity], using)  # noqa: S608
    return cluster not in (None, identity)
