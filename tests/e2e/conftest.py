"""One server for all tests of this folder, and a workspace of its own for each of them."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import Database, Server, database, serving
from tests.e2e.tenant import Tenant, make_tenant

LOG_LINES = 60
# One line for each request would bury a failure.
logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database, of the kind that the rest of the suite runs on."""
    folder: Path = tmp_path_factory.mktemp("e2e")
    with database(folder, os.environ.get("TEST_DATABASE_URL") or None) as made:
        yield made


@pytest.fixture(scope="session")
def server(store: Database) -> Iterator[Server]:
    with serving(store) as running:
        yield running


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
