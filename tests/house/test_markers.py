"""Every operation of the OpenAPI document has a test that proves it, and its wire's page says so too."""

import pytest

from messaging.wire.schema import openapi_document
from tests.markers import operations, pages, proven, written


@pytest.mark.parametrize(("product", "operation"), operations())
def test_an_operation_is_proven(product, operation):
    assert proven().get((product, operation)), f"no test is marked wire({product!r}, {operation!r}, ...)"


def test_no_marker_names_an_operation_that_is_not_operations():
    assert set(proven()) <= set(operations())


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


@pytest.mark.parametrize("product", pages())
def test_the_page_of_a_wire_says_what_is_proven(product):
    text = pages()[product].read_text()
    assert text == written(product, text), "run `make readme`"


def test_every_product_has_a_page():
    assert {product for product, _ in operations()} == set(pages())
