"""What is done later and at times: one worker, leases, a schedule."""

from .context import PLAIN, Context
from .queue import cancel_jobs, enqueue, remove_old_jobs, run_now
from .registry import Counts, job, loop, shared_loop
from .worker import Worker

__all__ = [
    "PLAIN",
    "Context",
    "Counts",
    "Worker",
    "cancel_jobs",
    "enqueue",
    "job",
    "loop",
    "remove_old_jobs",
    "run_now",
    "shared_loop",
]
