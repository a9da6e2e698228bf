"""The cast and the clients of every test."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from tests import tenancy
from tests.cast import Tenant, make_cast
from tests.client import ApiClient
from tests.emptying import empty_databases
from tests.postgres import workers
from tests.replica import strict_replica

# The suite makes up the same in every run; the drills look further, at random.
hypothesis_settings.register_profile("suite", derandomize=True)
hypothesis_settings.load_profile("suite")

DATABASE = {"_django_db_helper", "db", "transactional_db"}
"""Fixtures of pytest-django without which a test has no database."""


def pytest_xdist_auto_num_workers() -> int:
    """Of `-n auto`."""
    return workers()


def pytest_collectstart() -> None:
    """Modules are loaded to stay: little is garbage until the tests begin."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Spare the collector what lives until the end: it went through all of it for each few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def rows_are_deleted() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_databases)
        yield


@pytest.fixture(autouse=True)
def every_statement_names_its_tenant(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test in which the product ran SQL that does not say whose rows it is about."""
    if "prepared" in request.fixturenames:  # who watches a connection sees to it that nothing is prepared
        yield
        return
    watch = tenancy.Watch()
    with connection.execute_wrapper(watch):
        yield
    assert not watch.noted, "\n".join(watch.noted)


@pytest.fixture(autouse=True)
def no_service_trusts_a_replica(request: pytest.FixtureRequest) -> Iterator[None]:
    """Under `tests.settings_replica`: fails a test in which a replica was asked for what it may not know."""
    if "replica" not in connections or not DATABASE.intersection(request.fixturenames):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    with strict_replica() as refused:
        yield
    assert not refused, "\n".join(refused)


@pytest.fixture
def cast(db: None) -> tuple[Tenant, Tenant]:
    """acme and globex."""
    return make_cast()


@pytest.fixture
def acme(cast: tuple[Tenant, Tenant]) -> Tenant:
    """The workspace that a test acts in. `globex` is there whenever it is."""
    return cast[0]


@pytest.fixture(autouse=True)
def globex(request: pytest.FixtureRequest) -> Tenant | None:
    """The other workspace: in the room in every test that has `acme`, and never to be seen."""
    if "acme" not in request.fixturenames:
        return None
    request.getfixturevalue("acme")
    cast: tuple[Tenant, Tenant] = request.getfixturevalue("cast")
    return cast[1]


@pytest.fixture
def api(acme: Tenant) -> ApiClient:
    """acme's client, with every permission."""
    return ApiClient(acme.secret)


@pytest.fixture
def stranger(globex: Tenant) -> ApiClient:
    """globex's client."""
    return ApiClient(globex.secret)


@pytest.fixture
def client_with(acme: Tenant) -> Callable[..., ApiClient]:
    """Makes a client of acme whose key holds just these permissions."""
    from messaging.services import create_api_key

    def make(*permissions: str, **fields: object) -> ApiClient:
        _, secret = create_api_key(
            workspace_id=acme.workspace.pk,
            label="narrow",
            permissions=permissions,
            **fields,  # type: ignore[arg-type]
        )
        return ApiClient(secret)

    return make


@pytest.fixture
def in_english(settings: Any) -> None:
    """Pages and reports in the language of the tests that read them, whatever that of the host is."""
    settings.LANGUAGE_CODE = "en"


@pytest.fixture(autouse=True)
def _read_in_english(request: pytest.FixtureRequest) -> None:
    if request.path.name.startswith(("test_admin", "test_import", "test_transfer")):
        request.getfixturevalue("in_english")
