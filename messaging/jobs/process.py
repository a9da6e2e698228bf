"""A worker that has a process to itself, and so its signals."""

import signal
from collections.abc import Callable
from types import FrameType

from .worker import Worker


def run_process(worker: Worker, *, once: bool = False, is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Run the worker in the main thread until SIGTERM or SIGINT, or until `is_wanted` says no.

    A second signal ends the process at once.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.run(once=once, is_wanted=is_wanted)
