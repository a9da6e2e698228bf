"""Running what a lease is for, and how that ends."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from .errors import head_of
from .keeper import Held
from .queue import back_off
from .registry import Kind

logger = logging.getLogger("messaging")

Ending = Callable[[], bool]
"""Writes how it ended; False where the lease was lost, so that it ends as its next holder says."""

DIED = "each worker that took it died, or could not reach the database"


def run_job(kind: Kind, held: Held) -> Ending:
    """Run a job once."""
    lease = held.lease
    if lease.attempt > lease.max_attempts:
        return partial(lease.fail, DIED, _again(kind, held), failures=lease.failures)
    try:
        outcome = None if held.is_cancelled else kind.run(held, **lease.parameters)
    except Exception as error:
        return _failing(kind, held, error)
    if held.was_told_to_stop or held.is_cancelled:
        return _interrupted(held)
    return partial(lease.succeed, outcome if isinstance(outcome, Mapping) else None, _again(kind, held))


def run_loop(kind: Kind, held: Held, *, once: bool) -> Ending:
    """Repeat the step of a loop until there is a reason to stop; with `once` do one."""
    try:
        while not held.should_stop():
            is_to_repeat = kind.run(held)
            held.is_sound = True
            if once:
                break
            if not is_to_repeat and kind.every:
                held.stopping.wait(kind.every.total_seconds())
    except Exception as error:
        return _failing(kind, held, error)
    return _interrupted(held)


def _interrupted(held: Held) -> Ending:
    return held.lease.cancel if held.is_cancelled else held.lease.give_back


def _failing(kind: Kind, held: Held, error: Exception) -> Ending:
    """A cancelled job ends as cancelled; others are tried again, as often as they may be."""
    lease = held.lease
    if held.is_cancelled:
        return lease.cancel
    logger.error("job %s failed", kind.name, exc_info=error)
    attempts, failures = (1, 1) if held.is_sound else (lease.attempt, lease.failures + 1)
    if kind.is_loop or attempts < lease.max_attempts:
        after = back_off(failures)
        return partial(lease.retry, head_of(error), after, attempts=attempts, failures=failures)
    return partial(lease.fail, head_of(error), _again(kind, held), failures=failures)


def _again(kind: Kind, held: Held) -> timedelta | None:
    """After what time a scheduled job is run again; one that somebody enqueued is not."""
    return kind.every if held.lease.schedule_key else None
