"""The service under test and the yardstick, each as `make run` serves."""

import os
from pathlib import Path

from tests.e2e.server import Database, Server

__all__ = ["Service"]

PLAIN = "tests.bench.plain.settings"


class Service(Server):
    """The service in `processes` of its four threads."""

    def __init__(self, database: Database, *, processes: int = 1, plain: bool = False, **more: str) -> None:
        chosen = {"DJANGO_SETTINGS_MODULE": PLAIN, "RUN_WORKER": "false"} if plain else {}
        self.processes = processes
        super().__init__(database, WEB_CONCURRENCY=str(processes), **chosen, **more)

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    def memory(self) -> list[float]:
        """MiB resident in each process that serves, and in the one that runs jobs."""
        pages = [int((worker / "statm").read_text().split()[1]) for worker in self._children()]
        return [count * os.sysconf("SC_PAGE_SIZE") / 2**20 for count in pages]

    def cpu_milliseconds(self) -> float:
        """What the processes that serve have had of the processors so far; other load does not count."""
        threads = [
            file for worker in self._children()[: self.processes] for file in worker.glob("task/*/schedstat")
        ]
        return sum(int(file.read_text().split()[0]) for file in threads) / 1e6

    def _children(self) -> list[Path]:
        assert self.process
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [Path("/proc", child) for child in children]

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
