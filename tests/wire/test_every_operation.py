"""What holds for every operation of every wire, and for every route: the lists come from the dialects."""

import re
from collections.abc import Callable

import pytest

from config.wires import dialects
from messaging.wire.routes import operations_of
from tests.cast import Tenant
from tests.client import ApiClient
from tests.isolation import PARAMETER, hold_isolation, routes_with_ids
from tests.wires import Documented, documented

pytestmark = pytest.mark.django_db

OPERATIONS = list(documented())
RESTRICTED = [operation for operation in OPERATIONS if "403" in operation.facts["responses"]]
ROUTES = [route for dialect in dialects() for route in routes_with_ids(dialect)]


def call(api: ApiClient, operation: Documented) -> int:
    response = api.call(operation.method, re.sub("{[^}]+}", "x", operation.path))
    return int(response.status_code)


@pytest.mark.wire("seekrflow", "get_thread", "every operation asks for its permission before anything else")
@pytest.mark.parametrize("operation", RESTRICTED, ids=str)
def test_a_key_without_permissions_is_403(client_with: Callable[..., ApiClient], operation: Documented):
    assert call(client_with(), operation) == 403


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_key_is_401(acme: Tenant, operation: Documented):
    assert call(ApiClient(None), operation) == 401


@pytest.mark.wire("mielto", "get_message", "an id of another workspace answers like one that does not exist")
@pytest.mark.wire("seekrflow", "get_message", "an id of another workspace answers as one that does not exist")
@pytest.mark.parametrize("route", ROUTES)
def test_a_foreign_id_is_an_absent_id(api: ApiClient, acme: Tenant, globex: Tenant, route: str):
    hold_isolation(api, acme, globex, route)


@pytest.mark.parametrize("dialect", dialects(), ids=str)
def test_every_route_is_documented_and_the_other_way_round(dialect):
    routes = {f"/{dialect.prefix}{entry.pattern}".removesuffix("/") for entry in operations_of(dialect)}
    paths = {operation.path for operation in documented(dialect)}
    assert {PARAMETER.sub(r"{\1}", route) for route in routes} == paths
