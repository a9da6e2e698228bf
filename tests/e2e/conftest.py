"""A server for all tests of this folder, or for those of a module, and a workspace for each of them."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.cluster import Cluster
from tests.e2e.server import ROOT, Database, Server, Start, database, serving
from tests.e2e.tenant import Tenant, make_tenant
from tests.postgres import Postgres
from tests.postgres import running as running_postgres

LOG_LINES = 60
# One line for each request would bury a failure.
logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.fixture(scope="package")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database, of the kind that the rest of the suite runs on."""
    folder: Path = tmp_path_factory.mktemp("e2e")
    with database(folder, os.environ.get("TEST_DATABASE_URL") or None) as made:
        yield made


@pytest.fixture(scope="package")
def shared_server(shared_store: Database) -> Iterator[Server]:
    with serving(shared_store) as running:
        yield running


@pytest.fixture(scope="module")
def postgres() -> Postgres | Cluster | None:
    """PostgreSQL of a module's own, where a module has harm in mind."""
    return None


@pytest.fixture(scope="module")
def store(
    request: pytest.FixtureRequest,
    postgres: Postgres | Cluster | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """A migrated database on that, or the one of all tests."""
    if postgres is None:
        yield request.getfixturevalue("shared_store")
        return
    with database(tmp_path_factory.mktemp("own"), postgres.url) as made:
        yield made


@pytest.fixture(scope="module")
def environment(request: pytest.FixtureRequest) -> dict[str, str] | None:
    """How a module's own server is started: its `ENVIRONMENT`; None where that of all tests will do."""
    return getattr(request.module, "ENVIRONMENT", None)


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, store: Database, environment: dict[str, str] | None
) -> Iterator[Server]:
    """The module's own server, or the one of all tests."""
    if environment is None:
        yield request.getfixturevalue("shared_server")
        return
    with serving(store, **environment) as running:
        yield running


@pytest.fixture
def own_postgres() -> Iterator[Postgres | None]:
    """A PostgreSQL to kill, with the durability of production, if that is what the suite runs on."""
    if not os.environ.get("TEST_DATABASE_URL"):
        yield None
        return
    with running_postgres(durable=True) as made:
        yield made


@pytest.fixture
def own_store(own_postgres: Postgres | None, tmp_path: Path) -> Iterator[Database]:
    """A migrated database on it, or a SQLite file, for one test alone."""
    with database(tmp_path, own_postgres.url if own_postgres else None) as made:
        yield made


@pytest.fixture
def start(own_store: Database) -> Iterator[Start]:
    """Starts a module of the tests as a process over that database; all are gone after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", program, *arguments]
        started.append(subprocess.Popen(command, cwd=ROOT, env=own_store.environment()))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait(timeout=10)


@pytest.fixture
def tenant(server: Server) -> Iterator[Tenant]:
    """A new workspace with a key that may do everything in it."""
    with make_tenant(server) as made:
        yield made


@pytest.fixture
def api(tenant: Tenant) -> httpx.Client:
    """The tenant's client."""
    return tenant.client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Show the end of the server's log below a failure."""
    report = yield
    running = getattr(item, "funcargs", {}).get("server")
    if report.when == "call" and report.failed and isinstance(running, Server):
        report.sections.append(("server log", "\n".join(running.log().splitlines()[-LOG_LINES:])))
    return report
