"""Filled databases, and copies of them to measure on: writing during a run spoils no other."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, Protocol
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

from tests.e2e.server import ROOT, Database
from tests.postgres import running

__all__ = ["Facts", "FilledDatabase", "Store", "postgres_store", "sqlite_store"]

MADE_BY = ("tests/bench/build.py", "tests/bench/dataset.py", "tests/bench/filling.py", "tests/bench/words.py")
MADE_FOR = ("*/migrations/**/*.py", "messaging/services/drafts.py")
BUILD = "tests.bench.build"


@dataclass(frozen=True)
class Facts:
    """What `tests.bench.prepare` says of a copy."""

    workspace: str
    large: str
    """Id of the large conversation."""
    message: str
    """Id of its first message."""
    until: str
    """Id of the last of its messages that are forked."""
    thread: str
    """Id of the thread whose messages have parts."""
    terms: dict[str, str]
    """Index terms by what has them and where."""
    fresh: list[str]
    """Ids of empty conversations."""
    secret: str
    """A key to the workspace."""
    session: str
    """Value of the session cookie of a person who may do everything in the admin."""


class FilledDatabase(Database):
    """A copy, and what is in it."""

    @property
    def vendor(self) -> str:
        return "sqlite" if self.url.startswith("sqlite") else "postgresql"

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(STATIC_ROOT=str(self.folder / "static"), **more)

    def __init__(self, url: str, folder: Path, messages: int) -> None:
        super().__init__(url, folder)
        self.messages = messages
        self.facts = Facts(**json.loads(self.run("tests.bench.prepare").splitlines()[-1]))


class Store(Protocol):
    @contextlib.contextmanager
    def copy(self, messages: int) -> Iterator[FilledDatabase]:
        """A database of so many messages that is gone afterwards. Made the first time, then copied."""
        yield from ()


class _Unprepared(Database):
    """A database as it is, for the program that fills it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder


class _PostgresStore:
    def __init__(self, url: str, folder: Path, prefix: str) -> None:
        self.url, self.folder, self.prefix = url, folder, prefix

    @contextlib.contextmanager
    def copy(self, messages: int) -> Iterator[FilledDatabase]:
        template, name = self._template(messages), f"{self.prefix}copy_{time.monotonic_ns()}"
        # As files: the other strategy writes every page to the log, too.
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        try:
            yield FilledDatabase(self._named(name), self.folder, messages)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _template(self, messages: int) -> str:
        """Name of the filled database. An older one of this size gives way to it."""
        family = f"{self.prefix}{messages}_"
        name = family + _fingerprint()
        if name not in self._names():
            self.forget(family)
            self._execute("CREATE DATABASE {}", family)
            _Unprepared(self._named(family), self.folder).run(BUILD, str(messages))
            self._execute("ALTER DATABASE {} RENAME TO {}", family, name)
        return name

    def forget(self, family: str) -> None:
        """Drop the databases whose names begin like this."""
        for name in self._names():
            if name.startswith(family):
                self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def _names(self) -> list[str]:
        with psycopg.connect(self.url) as connection:
            return [str(name) for [name] in connection.execute("SELECT datname FROM pg_database").fetchall()]

    def _named(self, name: str) -> str:
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def _execute(self, statement: LiteralString, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(SQL(statement).format(*map(Identifier, names)))


class _SqliteStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def copy(self, messages: int) -> Iterator[FilledDatabase]:
        path = self.folder / f"copy-{time.monotonic_ns()}.sqlite3"
        shutil.copyfile(self._template(messages), path)
        with path.open("rb") as made:  # or the measured commits wait until all of it is on the disk
            os.fsync(made.fileno())
        try:
            yield FilledDatabase(f"sqlite:///{path}", self.folder, messages)
        finally:
            for file in self.folder.glob(f"{path.name}*"):
                file.unlink()

    def _template(self, messages: int) -> Path:
        path = self.folder / f"bench_{messages}_{_fingerprint()}.sqlite3"
        if not path.exists():
            for old in self.folder.glob(f"bench_{messages}_*"):
                old.unlink()
            draft = path.with_suffix(".draft")
            _Unprepared(f"sqlite:///{draft}", self.folder).run(BUILD, str(messages))
            draft.rename(path)
        return path


@contextlib.contextmanager
def postgres_store(keep: Path | None = None) -> Iterator[Store]:
    """On the server that TEST_DATABASE_URL names, else on one of our own with the durability of production.

    `keep` is a folder for its data, which serves later runs. Raises Unavailable.
    """
    with contextlib.ExitStack() as cleanup:
        given = os.environ.get("TEST_DATABASE_URL")
        url = given or cleanup.enter_context(running(durable=True, keep=keep)).url
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        # What nobody shall keep is of this process alone: another may run on the same server.
        prefix = "bench_" if keep else f"bench_of_{os.getpid()}_"
        store = _PostgresStore(url, folder, prefix)
        if keep is None:
            cleanup.callback(store.forget, prefix)
        if given is None:  # what a run left that was killed
            store.forget(f"{prefix}copy_")
        yield store


@contextlib.contextmanager
def sqlite_store(keep: Path | None = None) -> Iterator[Store]:
    """In files of a folder, which `keep` names if they shall stay."""
    with contextlib.ExitStack() as cleanup:
        folder = keep or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="parley-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        yield _SqliteStore(folder)


def _fingerprint() -> str:
    """Of everything that decides what a filled database holds."""
    files = sorted({file for pattern in (*MADE_BY, *MADE_FOR) for file in ROOT.glob(pattern)})
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]
