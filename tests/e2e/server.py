"""A real server: as `make run` starts it, on a database of its own."""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[bytes]]
"""Starts a process, given its module and arguments; see the fixture `start`."""
PROCESSES, THREADS = 2, 8
# However slow the machine, no request is refused for having waited.
DEFAULTS = {
    "WEB_CONCURRENCY": str(PROCESSES),
    "THREADS": str(THREADS),
    "QUEUE_SECONDS": "60",
    "LOCK_SECONDS": "20",
}

AS_STARTED = {"THREADS": "4", "QUEUE_SECONDS": "2", "LOCK_SECONDS": "3"}
"""The same as `make run` has it."""

ONE_PROCESS = {"WEB_CONCURRENCY": "1", "THREADS": "2", "RUN_WORKER": "false"}
"""For what a request costs: one process that does nothing else."""


class Database:
    """The database of a server, migrated, and read here without the code under test."""

    def __init__(self, url: str, folder: Path, secret: str | None = None) -> None:
        self.url = url
        self.folder = folder
        self.secret = secret or self.run("tests.e2e.prepare")
        """A key with every permission, which makes the workspaces of the tests."""

    def manage(self, *arguments: str) -> "subprocess.Popen[str]":
        """A command of `manage.py`, started."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, module: str, *arguments: str) -> str:
        """What the module prints when it is run as a program of the service."""
        command = [sys.executable, "-m", module, *arguments]
        finished = subprocess.run(
            command, cwd=ROOT, env=self.environment(), stdout=subprocess.PIPE, text=True, check=True
        )
        return finished.stdout.strip()

    def environment(self, **more: str) -> dict[str, str]:
        """That of production but for where the data is."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        return kept | {"DATABASE_URL": self.url, "DATA_DIR": str(self.folder), "SECRET_KEY": "e2e"} | more

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        if self.url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(urlsplit(self.url).path, timeout=20)) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()

    def in_transaction(self) -> int:
        """How many sessions of others hold a transaction open; SQLite does not tell."""
        if self.url.startswith("sqlite"):
            return 0
        mine = "datname = current_database() AND pid <> pg_backend_pid()"
        held = f"SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND {mine}"
        return int(self.value(held))

    def value(self, sql: str) -> Any:
        [[value]] = self.rows(sql)
        return value


@contextlib.contextmanager
def database(folder: Path, postgres: str | None) -> Iterator[Database]:
    """A new database on that PostgreSQL server, or a SQLite file in the folder; migrated."""
    with empty_database(folder, postgres) as url:
        yield Database(url, folder)


@contextlib.contextmanager
def empty_database(folder: Path, postgres: str | None) -> Iterator[str]:
    """The address of a database in which there is nothing yet."""
    if postgres is None:
        yield f"sqlite:///{folder}/e2e.sqlite3"
        return
    name = f"parley_e2e_{os.getpid()}_{time.monotonic_ns()}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(postgres)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(postgres, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Server:
    """The service behind a socket that outlives the processes, as behind a proxy or systemd."""

    def __init__(self, database: Database, **environment: str) -> None:
        self.database = database
        self.environment = environment
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.log_path = database.folder / f"server-{self.socket.getsockname()[1]}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "manage.py", "serve"]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--fd", str(self.socket.fileno())],
                cwd=ROOT,
                env=self.database.environment(**self.environment),
                stdout=log,
                stderr=log,
                pass_fds=[self.socket.fileno()],
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def kill(self) -> None:
        """SIGKILL to every process of the server at once."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.socket.close()

    def client(self, secret: str, **headers: str) -> httpx.Client:
        """Calls with this key; threads may share it, each request in flight has its own connection."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {secret}"} | named,
            timeout=60,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
        )

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def _wait_until_it_answers(self) -> None:
        assert self.process
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/api/v1/auth/session", timeout=2)
                return
        raise AssertionError(f"the server did not start:\n{self.log()}")


@contextlib.contextmanager
def serving(database: Database, **environment: str) -> Iterator[Server]:
    server = Server(database, **(DEFAULTS | environment))
    server.start()
    try:
        yield server
    finally:
        server.stop()
