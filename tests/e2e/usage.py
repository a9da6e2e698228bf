"""What a server costs: CPU seconds and memory of all its processes, as Linux counts them."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.server import Server

__all__ = ["Cost", "Usage"]

TICKS = os.sysconf("SC_CLK_TCK")
PEAK = "5"
"""Written to `clear_refs`, it lets the peak begin anew."""


@dataclass
class Cost:
    """Seconds of CPU, and bytes of memory at the worst moment."""

    seconds: float = 0
    memory: int = 0


class Usage:
    """The processes of a server, which has started its session."""

    def __init__(self, server: Server) -> None:
        assert server.process
        self.session = server.process.pid

    @contextlib.contextmanager
    def measured(self) -> Iterator["Cost"]:
        """What happens within costs so much."""
        self.begin_peak()
        memory, seconds, cost = self.resident(), self.seconds(), Cost()
        yield cost
        cost.seconds, cost.memory = self.seconds() - seconds, self.peak() - memory

    def seconds(self) -> float:
        """CPU time so far."""
        return sum(sum(map(int, self._stat(pid)[11:13])) for pid in self._pids()) / TICKS

    def resident(self) -> int:
        """Bytes of memory, now."""
        return self._status("VmRSS")

    def peak(self) -> int:
        """The most bytes of memory since `begin_peak`."""
        return self._status("VmHWM")

    def begin_peak(self) -> None:
        for pid in self._pids():
            Path(f"/proc/{pid}/clear_refs").write_text(PEAK)

    def _status(self, name: str) -> int:
        texts = [Path(f"/proc/{pid}/status").read_text() for pid in self._pids()]
        lines = [line.split() for text in texts for line in text.splitlines()]
        return sum(int(line[1]) * 1024 for line in lines if line and line[0] == f"{name}:")

    def _pids(self) -> list[int]:
        every = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        return [pid for pid in every if (stat := self._stat(pid)) and int(stat[3]) == self.session]

    @staticmethod
    def _stat(pid: int) -> list[str]:
        """What stands behind the name of the process; nothing for one that is gone."""
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return []
