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
from dataclasses import dataclass

__all__ = ["Processes", "Work"]

logger = logging.getLogger(__name__)

Work = Callable[[socket.socket, Callable[[], bool]], None]

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
SILENT_SECONDS = 30.0
"""A process whose loop has not turned for so long is killed."""
STOP_SECONDS = 35.0
"""A process that is told to stop has so long; it ends its own requests a little earlier."""
START_SECONDS = 2.0
"""A process that ends sooner has failed at its start."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Before another is started where one failed at its start; each further time it is twice as long."""
MOST_FAILURES = 5
"""So often in a row, where none was ever well, there is no use in another."""
GAVE_UP = 3
BEAT = struct.Struct("d")


@dataclass(slots=True)
class _Slot:
    """Where one process after another does one of the works."""

    number: int
    work: Work
    pid: int = 0
    """0 between two of them."""
    started: float = 0.0
    due: float = 0.0
    """When the next is started."""
    failures: int = 0
    """How many in a row failed at their start."""
    was_well: bool = False
    """Whether one of them has lived longer than that."""

    def ended(self) -> float:
        """Note that the process has ended; the seconds until the next is started."""
        self.pid, now = 0, time.monotonic()
        if now - self.started >= START_SECONDS:
            self.was_well, self.failures, pause = True, 0, 0.0
        else:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.failures)
            self.failures += 1
        self.due = now + pause
        return pause

    @property
    def is_hopeless(self) -> bool:
        return self.failures >= MOST_FAILURES and not self.was_well


class Processes:
    """A process for each of the works, on one listening socket, until this one is told to stop."""

    def __init__(self, listener: socket.socket, works: Sequence[Work]) -> None:
        self._listener = listener
        self._slots = [_Slot(number, work) for number, work in enumerate(works)]
        self._beats = mmap.mmap(-1, BEAT.size * len(works))

    def run(self) -> int:
        """Returns once all have ended: 0 after SIGTERM or SIGINT, 1 if one had to be killed then, and GAVE_UP
        where processes fail at their start again and again."""
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)
        # Their numbers arrive in a socket, where one can wait for them on any system.
        self._told, telling = socket.socketpair()
        telling.setblocking(False)
        signal.set_wakeup_fd(telling.fileno())
        self._start_due()
        while not self._is_told_to_stop():
            self._note_ended()
            if any(slot.is_hopeless for slot in self._slots):
                logger.critical("The service gives up: its processes fail at their start, see above")
                self._stop()
                return GAVE_UP
            self._start_due()
            self._kill_silent()
        return self._stop()

    def _is_told_to_stop(self, seconds: float = 1.0) -> bool:
        if not select.select([self._told], [], [], seconds)[0]:
            return False
        return any(number != signal.SIGCHLD for number in self._told.recv(4096))

    def _start_due(self) -> None:
        for slot in self._slots:
            if not slot.pid and slot.due <= time.monotonic():
                self._start(slot)

    def _start(self, slot: _Slot) -> None:
        slot.started = time.monotonic()
        self._beat(slot)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        pid = os.fork()
        if not pid:
            self._be(slot)
        slot.pid = pid
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _be(self, slot: _Slot) -> None:
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

            slot.work(self._listener, beat)
            code = 0
        except BaseException:
            logger.exception("A process of the service failed")
        finally:
            logging.shutdown()
            sys.stdout.flush()
            # Threads that still wait for a database cannot hold up the end.
            os._exit(code)

    def _beat(self, slot: _Slot) -> None:
        BEAT.pack_into(self._beats, BEAT.size * slot.number, time.monotonic())

    def _note_ended(self) -> None:
        for slot in self._running():
            pid, status = os.waitpid(slot.pid, os.WNOHANG)
            if pid:
                code, pause = os.waitstatus_to_exitcode(status), slot.ended()
                when = f"in {pause:.0f} s" if pause else "at once"
                logger.error("Process %d ended with %d and is replaced %s", pid, code, when)

    def _kill_silent(self) -> None:
        for slot in self._running():
            [last] = BEAT.unpack_from(self._beats, BEAT.size * slot.number)
            if time.monotonic() - last > SILENT_SECONDS:
                logger.error("Process %d is stuck and is killed", slot.pid)
                os.kill(slot.pid, signal.SIGKILL)

    def _stop(self) -> int:
        self._listener.close()  # or who comes now would wait for the end
        self._signal(signal.SIGTERM)
        deadline, killed = time.monotonic() + STOP_SECONDS, 0
        while self._running():
            self._forget_ended()
            if self._running() and (self._is_told_to_stop(0.1) or time.monotonic() > deadline):
                self._signal(signal.SIGKILL)
                killed = 1
        return killed

    def _running(self) -> list[_Slot]:
        return [slot for slot in self._slots if slot.pid]

    def _forget_ended(self) -> None:
        for slot in self._running():
            if os.waitpid(slot.pid, os.WNOHANG)[0]:
                slot.pid = 0

    def _signal(self, number: int) -> None:
        for slot in self._running():
            os.kill(slot.pid, number)
