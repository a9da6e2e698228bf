"""The vendor's page is contained in our document: we may add to it, never take away or narrow.

`seed.json` holds what the page says; where the page is beside the project, the copy is compared with it.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from messaging.wire.schema import openapi_document
from tests.wire.test_seed_contract import PAGES, contained, facts_of

COPY = json.loads(Path(__file__).with_name("seed.json").read_text())
PATH = "/v1/threads/{thread_id}/messages"
THEIRS = COPY["paths"][PATH]["post"]
OURS = {"ThreadMessageRequest": {"supersedes"}, "ThreadMessageResponse": {"superseded_by"}}
"""What the components have besides."""

pytestmark = pytest.mark.wire("seekrflow", "create_message", "path, parameters, body, all 18 components")


@pytest.fixture
def ours() -> Any:
    return openapi_document()["paths"][getattr(settings, "API_PREFIX", "") + PATH]["post"]


def test_the_copy_is_true_to_the_page():
    page = PAGES / "seekrflow-create-thread-message.md"
    if not page.exists():
        pytest.skip("the vendor's pages are not beside this project")
    assert facts_of(page) == COPY


@pytest.mark.parametrize("fact", ["operationId", "tags"])
def test_operation(ours: Any, fact: str):
    assert ours[fact] == THEIRS[fact]
    assert ours["summary"] == "Create message"


def test_the_vendors_way_of_carrying_a_key_stands_first(ours: Any):
    assert ours["security"][: len(THEIRS["security"])] == THEIRS["security"]


def test_parameters(ours: Any):
    by_name = {(item["name"].lower(), item["in"]): item for item in ours["parameters"]}
    for parameter in THEIRS["parameters"]:
        found = by_name[parameter["name"].lower(), parameter["in"]]
        assert found["required"] == parameter["required"]
        contained(without_title(parameter["schema"]), without_title(found["schema"]), parameter["name"])


def test_body_and_answer(ours: Any):
    contained(THEIRS["requestBody"], ours["requestBody"], "requestBody")
    for status, response in THEIRS["responses"].items():
        contained(response, ours["responses"][status], status)


@pytest.mark.parametrize("name", COPY["components"]["schemas"])
def test_component(name: str):
    theirs, found = COPY["components"]["schemas"][name], openapi_document()["components"]["schemas"][name]
    contained(with_plain_mappings(theirs), found, name)
    assert found.get("required", []) == theirs.get("required", [])
    assert set(found["properties"]) == {*theirs["properties"], *OURS.get(name, ())}


def test_security_scheme():
    theirs = COPY["components"]["securitySchemes"]["APIKeyHeader"]
    contained(theirs, openapi_document()["components"]["securitySchemes"]["APIKeyHeader"], "APIKeyHeader")


def without_title(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a header, the title is its name in whatever case."""
    return {name: value for name, value in schema.items() if name != "title"}


def with_plain_mappings(node: Any, *, inside: str = "") -> Any:
    """The page has `mapping: {tag: {$ref: ...}}`, where OpenAPI wants the reference itself."""
    if isinstance(node, list):
        return [with_plain_mappings(item) for item in node]
    if not isinstance(node, dict):
        return node
    if inside == "mapping":
        return {tag: target["$ref"] for tag, target in node.items()}
    return {key: with_plain_mappings(value, inside=key) for key, value in node.items()}
