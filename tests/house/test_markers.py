"""Every operation of the OpenAPI document has a test that says it proves it."""

import pytest

from messaging.wire.schema import openapi_document
from tests.markers import proven

# Below which path each product's operations stand.
PRODUCTS = {"/api/v1/": "mielto", "/v1/": "seekrflow"}


def documented() -> dict[tuple[str, str], str]:
    """Where each (product, operation) stands."""
    return {
        (product, operation["summary"].lower().replace(" ", "_")): path
        for path, methods in openapi_document()["paths"].items()
        for operation in methods.values()
        for prefix, product in PRODUCTS.items()
        if path.startswith(prefix)
    }


@pytest.mark.parametrize(("product", "operation"), documented())
def test_an_operation_is_proven(product, operation):
    assert proven().get((product, operation)), f"no test is marked wire({product!r}, {operation!r}, ...)"


def test_no_marker_names_an_operation_that_is_not_documented():
    assert set(proven()) <= set(documented())


def test_no_clause_is_written_twice():
    twice = {
        (*key, clause) for key, clauses in proven().items() for clause in clauses if clauses.count(clause) > 1
    }
    assert not twice


def test_an_operation_has_an_id_of_its_own():
    ids = [
        operation["operationId"]
        for methods in openapi_document()["paths"].values()
        for operation in methods.values()
    ]
    assert len(ids) == len(set(ids))
