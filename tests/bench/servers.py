"""The service under test and the yardstick, each as `make run` serves."""

import os
from pathlib import Path

from tests.e2e.server import ROOT, Database, Server

__all__ = ["Gunicorn"]

PLAIN = "tests.bench.plain.settings"


class Gunicorn(Server):
    """gunicorn with the configuration of the service, in `processes` of its four threads."""

    def __init__(self, database: Database, *, processes: int = 1, plain: bool = False, **more: str) -> None:
        chosen = {"DJANGO_SETTINGS_MODULE": PLAIN} if plain else {}
        super().__init__(database, WEB_CONCURRENCY=str(processes), **chosen, **more)

    def options(self) -> list[str]:
        return ["-c", str(ROOT / "config" / "gunicorn.py")]

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    def memory(self) -> list[float]:
        """MiB resident in each worker process."""
        assert self.process
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        pages = [int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children]
        return [count * os.sysconf("SC_PAGE_SIZE") / 2**20 for count in pages]

    def __enter__(self) -> "Gunicorn":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
