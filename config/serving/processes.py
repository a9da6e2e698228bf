"""The processes of the service: started from one that has loaded the code, and replaced when they end."""

import logging
import mmap
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence

__all__ = ["Processes", "Work"]

logger = logging.getLogger(__name__)

Work = Callable[[socket.socket, Callable[[], bool]], None]

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
SILENT_SECONDS = 30.0
"""A process whose loop has not turned for so long is killed."""
STOP_SECONDS = 35.0
"""A process that is told to stop has so long; it ends its own requests a little earlier."""
BRIEF_SECONDS = 1.0
"""A process that ends sooner than this is not replaced before."""
BEAT = struct.Struct("d")


class Processes:
    """A process for each of the works, on one listening socket, until this one is told to stop."""

    def __init__(self, listener: socket.socket, works: Sequence[Work]) -> None:
        self._listener, self._works = listener, works
        self._pids: dict[int, int] = {}
        """The slot of each process, by its id."""
        self._started: dict[int, float] = {}
        self._beats = mmap.mmap(-1, BEAT.size * len(works))

    def run(self) -> int:
        """Returns once all have ended after SIGTERM or SIGINT: 0, or 1 if one had to be killed."""
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)
        # Their numbers arrive in a socket, where one can wait for them on any system.
        self._told, telling = socket.socketpair()
        telling.setblocking(False)
        signal.set_wakeup_fd(telling.fileno())
        for slot in range(len(self._works)):
            self._start(slot)
        while not self._is_told_to_stop():
            self._replace_ended()
            self._kill_silent()
        return self._stop()

    def _is_told_to_stop(self, seconds: float = 1.0) -> bool:
        if not select.select([self._told], [], [], seconds)[0]:
            return False
        return any(number != signal.SIGCHLD for number in self._told.recv(4096))

    def _start(self, slot: int) -> None:
        self._started[slot] = time.monotonic()
        self._beat(slot)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        pid = os.fork()
        if not pid:
            self._be(slot)
        self._pids[pid] = slot
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _be(self, slot: int) -> None:
        """The life of a process. It never returns, so no code of the one that started it runs twice."""
        parent, code = os.getppid(), 1
        try:
            signal.set_wakeup_fd(-1)
            for number in SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

            def beat() -> bool:
                self._beat(slot)
                return os.getppid() == parent

            self._works[slot](self._listener, beat)
            code = 0
        except BaseException:
            logger.exception("A process of the service failed")
        finally:
            logging.shutdown()
            sys.stdout.flush()
            # Threads that still wait for a database cannot hold up the end.
            os._exit(code)

    def _beat(self, slot: int) -> None:
        BEAT.pack_into(self._beats, BEAT.size * slot, time.monotonic())

    def _replace_ended(self) -> None:
        for pid in list(self._pids):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            slot = self._pids.pop(pid)
            logger.error("Process %d ended with %d and is replaced", pid, os.waitstatus_to_exitcode(status))
            if time.monotonic() - self._started[slot] < BRIEF_SECONDS:
                time.sleep(BRIEF_SECONDS)
            self._start(slot)

    def _kill_silent(self) -> None:
        for pid, slot in self._pids.items():
            [last] = BEAT.unpack_from(self._beats, BEAT.size * slot)
            if time.monotonic() - last > SILENT_SECONDS:
                logger.error("Process %d is stuck and is killed", pid)
                os.kill(pid, signal.SIGKILL)

    def _stop(self) -> int:
        self._listener.close()  # or who comes now would wait for the end
        self._signal(signal.SIGTERM)
        deadline, killed = time.monotonic() + STOP_SECONDS, 0
        while self._pids:
            self._forget_ended()
            if self._pids and (self._is_told_to_stop(0.1) or time.monotonic() > deadline):
                self._signal(signal.SIGKILL)
                killed = 1
        return killed

    def _forget_ended(self) -> None:
        for pid in list(self._pids):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self._pids[pid]

    def _signal(self, number: int) -> None:
        for pid in self._pids:
            os.kill(pid, number)
