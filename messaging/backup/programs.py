"""Runs the programs of PostgreSQL against the very server that a connection of Django has."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from django.db import connections

from .errors import BackupError

if TYPE_CHECKING:
    import psycopg

__all__ = ["output_of", "require", "run"]

PACKAGE = "it comes with PostgreSQL, on Debian in the package postgresql-client"
SECOND = 1.0


def require(program: str, using: str) -> None:
    """Raises BackupError where a program is missing, does not work, or is older than the server."""
    with output_of([program, "--version"]) as told:
        version = re.search(rb"\) (\d+)", told.read())
    server = _driver(using).info.server_version // 10_000
    if version is None or int(version[1]) < server:
        mine = version[1].decode() if version else "an unknown version"
        raise BackupError(
            f"{program} is of PostgreSQL {mine} and the server of {server}: put the folder of {program} "
            f"{server} first in PATH"
        )


def run(command: Sequence[str], using: str, tell: Callable[[], None]) -> None:
    """Run a program that connects; `tell` is called every second. Raises BackupError where it fails."""
    info = _driver(using).info
    # Everybody on the machine sees the command line.
    environment = {**os.environ, **({"PGPASSWORD": info.password} if info.password else {})}
    where = f"--dbname={_address(using)}"
    with _started([*command, where], env=environment, stdout=subprocess.DEVNULL) as process:
        while True:
            try:
                process.wait(SECOND)
                return
            except subprocess.TimeoutExpired:
                tell()


@contextmanager
def output_of(command: Sequence[str]) -> Iterator[IO[bytes]]:
    """Within, what a program writes can be read. Raises BackupError where it fails."""
    with _started(command, stdout=subprocess.PIPE) as process:
        yield cast(IO[bytes], process.stdout)


@contextmanager
def _started(command: Sequence[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A program that has ended afterwards, and well; else BackupError tells what it complained of."""
    path = shutil.which(command[0])
    if path is None:
        raise BackupError(f"{command[0]} is not installed: {PACKAGE}")
    with tempfile.TemporaryFile() as complaints:
        with (
            subprocess.Popen(  # noqa: S603
                [path, *command[1:]], stdin=subprocess.DEVNULL, stderr=complaints, **options
            ) as process
        ):
            try:
                yield process
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            complaints.seek(0)
            lines = complaints.read().decode(errors="replace").strip().splitlines()
            raise BackupError(f"{command[0]} failed: {'; '.join(lines[:3]) or 'it does not say why'}")


def _address(using: str) -> str:
    """Of the server that the connection has, of several that the settings name, without a password.

    Only what the settings say goes into it: the driver may know options that the programs do not.
    """
    info = _driver(using).info
    from psycopg.conninfo import make_conninfo  # an installation on SQLite has no psycopg
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()} - {"password"}
    given = connections[using].get_connection_params()
    return make_conninfo(
        **{name: value for name, value in given.items() if name in known}
        | {"host": info.host, "port": info.port, "dbname": info.dbname, "user": info.user}
    )


def _driver(using: str) -> "psycopg.Connection[Any]":
    connection = connections[using]
    connection.ensure_connection()
    return cast("psycopg.Connection[Any]", connection.connection)
