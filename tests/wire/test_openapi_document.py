"""The document itself: valid, complete, true to its examples, and changed only on purpose."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drf_spectacular import validation
from jsonschema_rs import Draft202012Validator, meta

from config.wires import dialects
from messaging.wire.schema import openapi_document
from tests.cast import Tenant
from tests.client import ApiClient
from tests.golden import hold
from tests.isolation import ids_of
from tests.wires import PREFIX, Documented, documented

OPERATIONS = list(documented())
EXAMPLES = [
    pytest.param(operation, example["value"], id=f"{operation}: {title}")
    for operation in OPERATIONS
    for title, example in (
        operation.facts.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("examples", {})
    ).items()
]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from references(item)


def test_it_is_openapi_3_1():
    document = openapi_document()
    assert document["openapi"] == "3.1.0"
    schema = Path(validation.__file__).with_name("openapi_3_1_schema.json").read_text()
    Draft202012Validator(json.loads(schema)).validate(document)


def test_it_is_json():
    document = openapi_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_golden():
    text = json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n"
    # The same in a host that mounts us elsewhere, but for that.
    roots = sorted({dialect.prefix.split("/")[0] for dialect in dialects()})
    for mounted in roots if PREFIX else ():
        text = text.replace(f'"{PREFIX}/{mounted}', f'"/{mounted}')
        text = text.replace(f"{PREFIX.replace('/', '_')}_{mounted}_", f"_{mounted}_")
        title = mounted.title()
        text = text.replace(f"{PREFIX.replace('/', ' ').title()} {title} ", f" {title} ")
    hold(Path(__file__).with_name("openapi.json"), text)


@pytest.mark.parametrize("name", sorted(openapi_document()["components"]["schemas"]))
def test_component_is_a_sound_schema_and_used(name: str):
    document = openapi_document()
    meta.validate(document["components"]["schemas"][name])
    assert f"#/components/schemas/{name}" in set(references(document))


def test_every_reference_leads_somewhere():
    components = openapi_document()["components"]["schemas"]
    assert {reference.rsplit("/")[-1] for reference in references(openapi_document())} <= set(components)


def test_operation_ids_are_unique():
    ids = [operation.facts["operationId"] for operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
class TestOperation:
    def test_is_described(self, operation: Documented):
        facts = operation.facts
        assert facts["summary"] and facts["description"] and facts["tags"] and facts["security"]

    def test_documents_its_parameters(self, operation: Documented):
        parameters = operation.facts["parameters"]
        paths = {item["name"] for item in parameters if item["in"] == "path"}
        assert paths == set(re.findall(r"{(\w+)}", operation.path))
        assert all(item["description"] for item in parameters if item["in"] != "path")

    def test_documents_what_can_go_wrong(self, operation: Documented):
        facts, status = operation.facts, operation.dialect.errors.status
        assert {str(status(usual)) for usual in (401, 404, 422, 429, 503)} <= set(facts["responses"])
        assert (str(status(403)) in facts["responses"]) == (not operation.path.endswith("/auth/session"))
        assert (str(status(413)) in facts["responses"]) == ("requestBody" in facts)

    def test_has_examples_of_its_body(self, operation: Documented):
        body = operation.facts.get("requestBody")
        assert body is None or body["content"]["application/json"]["examples"]


@pytest.mark.parametrize(("operation", "example"), EXAMPLES)
class TestExample:
    def test_fits_its_schema(self, operation: Documented, example: Any):
        schema = operation.facts["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator(schema | {"components": openapi_document()["components"]}).validate(example)

    @pytest.mark.django_db
    def test_works(self, api: ApiClient, acme: Tenant, operation: Documented, example: Any):
        ids = ids_of(acme, with_run="{run_id}" in operation.path)
        given = [
            item["name"]
            for item in operation.facts["parameters"]
            if item["in"] == "query" and item["required"]
        ]
        path = "?".join([operation.path.format(**ids), "&".join(f"{name}=x" for name in given)])
        response = api.call(operation.method, path, example)
        assert str(response.status_code) in operation.facts["responses"]
        assert 200 <= response.status_code < 300
