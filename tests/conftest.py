"""The cast and the clients of every test."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections

from tests import tenancy
from tests.cast import Tenant, make_tenant
from tests.client import ApiClient
from tests.replica import strict_replica

DATABASE = {"_django_db_helper", "db", "transactional_db"}
"""Fixtures of pytest-django without which a test has no database."""


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
def acme(db: None) -> Tenant:
    """The workspace that a test acts in. `globex` is there whenever it is."""
    return make_tenant("acme")


@pytest.fixture(autouse=True)
def globex(request: pytest.FixtureRequest) -> Tenant | None:
    """The other workspace: in the room in every test that has `acme`, and never to be seen."""
    return (
        make_tenant("globex") if "acme" in request.fixturenames and request.getfixturevalue("acme") else None
    )


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
