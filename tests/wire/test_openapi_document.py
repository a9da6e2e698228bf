"""The document itself: valid, complete, true to its examples, and changed only on purpose."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

from messaging.services import create_run
from messaging.wire.schema import openapi_document
from tests.cast import Tenant
from tests.client import ApiClient
from tests.golden import hold

PREFIX = getattr(settings, "API_PREFIX", "")
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

Operation = tuple[str, str, dict[str, Any]]


def operations() -> Iterator[Operation]:
    for path, methods in openapi_document()["paths"].items():
        for method, operation in methods.items():
            yield method, path.removeprefix(PREFIX), operation


def names(operation: Operation) -> str:
    return f"{operation[0].upper()} {operation[1]}"


OPERATIONS = list(operations())
EXAMPLES = [
    pytest.param(method, path, operation, example["value"], id=f"{method.upper()} {path}: {title}")
    for method, path, operation in OPERATIONS
    for title, example in (
        operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
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
    validate_schema(document)


def test_it_is_json():
    document = openapi_document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_golden():
    text = json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n"
    # The same in a host that mounts us elsewhere, but for that.
    for mounted in ("api", "v1") if PREFIX else ():
        text = text.replace(f'"{PREFIX}/{mounted}', f'"/{mounted}')
        text = text.replace(f"{PREFIX.replace('/', '_')}_{mounted}_", f"_{mounted}_")
        title = mounted.title()
        text = text.replace(f"{PREFIX.replace('/', ' ').title()} {title} ", f" {title} ")
    hold(Path(__file__).with_name("openapi.json"), text)


@pytest.mark.parametrize("name", sorted(openapi_document()["components"]["schemas"]))
def test_component_is_a_sound_schema_and_used(name: str):
    document = openapi_document()
    Draft202012Validator.check_schema(document["components"]["schemas"][name])
    assert f"#/components/schemas/{name}" in set(references(document))


def test_every_reference_leads_somewhere():
    components = openapi_document()["components"]["schemas"]
    assert {reference.rsplit("/")[-1] for reference in references(openapi_document())} <= set(components)


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("operation", OPERATIONS, ids=names)
class TestOperation:
    def test_is_described(self, operation: Operation):
        facts = operation[2]
        assert facts["summary"] and facts["description"] and facts["tags"] and facts["security"]

    def test_documents_its_parameters(self, operation: Operation):
        _, path, facts = operation
        documented = {item["name"] for item in facts["parameters"] if item["in"] == "path"}
        assert documented == set(re.findall(r"{(\w+)}", path))
        assert all(item["description"] for item in facts["parameters"] if item["in"] != "path")

    def test_documents_what_can_go_wrong(self, operation: Operation):
        _, path, facts = operation
        assert {"401", "404", "422", "429", "503"} <= set(facts["responses"])
        assert ("403" in facts["responses"]) == (not path.endswith("/auth/session"))
        assert ("413" in facts["responses"]) == ("requestBody" in facts)

    def test_has_examples_of_its_body(self, operation: Operation):
        body = operation[2].get("requestBody")
        assert body is None or body["content"]["application/json"]["examples"]


@pytest.mark.parametrize(("method", "path", "operation", "example"), EXAMPLES)
class TestExample:
    def test_fits_its_schema(self, method: str, path: str, operation: dict[str, Any], example: Any):
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        Draft202012Validator(schema | {"components": openapi_document()["components"]}).validate(example)

    @pytest.mark.django_db
    def test_works(
        self,
        api: ApiClient,
        acme: Tenant,
        method: str,
        path: str,
        operation: dict[str, Any],
        example: Any,
    ):
        ids = {
            "message_id": acme.question.pk,
            "conversation_id": acme.conversation.pk,
            "workspace_id": acme.workspace.pk,
            "api_key_id": acme.api_key.pk,
            "thread_id": acme.conversation.pk,
        }
        if "{run_id}" in path:
            ids["run_id"] = create_run(
                workspace_id=acme.workspace.pk, conversation_id=acme.conversation.pk, agent_id="support"
            ).pk
        response = api.call(method.upper(), path.format(**ids), example)
        assert str(response.status_code) in operation["responses"]
        assert 200 <= response.status_code < 300
