"""PgBouncer of this machine before a PostgreSQL server, for as long as a test runs."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.postgres import _wait_for, free_port, unprivileged

BINARY = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
CONFIGURATION = """
[databases]
* = host={HOST} port={PORT} user={USER} {password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
"""


@contextlib.contextmanager
def pooling(server: dict[str, Any], *, sessions: int) -> Iterator[int]:
    """The port of a pooler of transactions, which has so many sessions of the server of these settings."""
    with tempfile.TemporaryDirectory(prefix="parley-pgbouncer-") as folder:
        home, port = Path(folder), free_port()
        account = unprivileged(home)
        path = home / "pgbouncer.ini"
        password = f"password={server['PASSWORD']}" if server["PASSWORD"] else ""
        path.write_text(CONFIGURATION.format(port=port, sessions=sessions, password=password, **server))
        with (home / "log").open("w") as log:
            command = [str(BINARY), str(path)]
            process = subprocess.Popen[bytes](command, stdout=log, stderr=log, **account)
        try:
            url = f"postgres://{server['USER']}@127.0.0.1:{port}/{server['NAME']}"
            _wait_for(url, process, home / "log")
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)
