"""The upkeep of the store: what a schedule runs, and what a host may call from its own scheduler instead."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from messaging import services
from messaging.services.files import REMOVAL, REMOVAL_ATTEMPTS
from messaging.services.files import remove_files as remove_these

from .context import PLAIN, Context
from .queue import remove_old_jobs
from .registry import Counts, job, loop

ORPHANED_AFTER = timedelta(days=1)
MANY_PAGES = 128
"""Of pending entries: whoever merged so many looks for the next at once."""


@job("remove_expired_answers", every=timedelta(hours=1))
def remove_expired_answers(context: Context = PLAIN) -> Counts:
    """Delete the kept answers whose `Idempotency-Key` has served its time."""
    return _remove(services.remove_old_answers, context)


@job("remove_expired_windows", every=timedelta(hours=1))
def remove_expired_windows(context: Context = PLAIN) -> Counts:
    """Delete the windows of the rate limit that have closed."""
    return _remove(services.remove_old_windows, context)


@job("remove_expired_changes", every=timedelta(hours=1))
def remove_expired_changes(context: Context = PLAIN) -> Counts:
    """Delete the changes that are older than `CHANGES_KEPT_DAYS`."""
    return _remove(services.remove_old_changes, context)


@job("end_stale_runs", every=timedelta(minutes=1))
def end_stale_runs(context: Context = PLAIN) -> Counts:
    """Fail the runs that are past their time, and unlock their conversations."""
    return {"failed": services.fail_stale_runs()}


@job("remove_orphaned_objects", every=timedelta(days=1))
def remove_orphaned_objects(context: Context = PLAIN) -> Counts:
    """Delete the files of large objects that no row names and that are a day old."""
    removed = services.remove_orphans(older_than=ORPHANED_AFTER, should_stop=context.should_stop)
    return {"removed": len(removed)}


@job(REMOVAL, max_attempts=REMOVAL_ATTEMPTS)
def remove_files(context: Context = PLAIN, *, paths: Sequence[str]) -> Counts:
    """Delete files of large objects that could not be deleted with their rows, or were too many."""
    return {"removed": remove_these(paths)}


@job("remove_ended_jobs", every=timedelta(days=1))
def remove_ended_jobs(context: Context = PLAIN) -> Counts:
    """Delete the jobs that ended `JOBS_KEPT_DAYS` ago."""
    return _remove(remove_old_jobs, context)


@loop("merge_pending_entries", pause=timedelta(seconds=1), vendors=frozenset({"postgresql"}))
def merge_pending_entries(context: Context = PLAIN) -> bool:
    """Take what writers left pending into the indexes of keys and text; whether there was much of it."""
    return services.merge_pending_entries() >= MANY_PAGES


def _remove(remove_batch: Callable[[], int], context: Context) -> Counts:
    """Remove batch by batch until there is none left. Each is a transaction of its own, so nobody waits."""
    total = 0
    while not context.should_stop() and (removed := remove_batch()):
        total += removed
        context.progress(total, note="removed")
    return {"removed": total}
