"""The process of the service that runs jobs."""

import gc
import socket
from collections.abc import Callable

from messaging.jobs import Worker
from messaging.jobs.process import run_process


def run(listener: socket.socket, beat: Callable[[], bool]) -> None:
    """Run jobs until SIGTERM, or until `beat`, which is called every second, says no."""
    listener.close()
    gc.freeze()
    run_process(Worker(), is_wanted=beat)
