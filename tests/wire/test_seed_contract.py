"""The vendor's pages are contained in our document: we may add to them, never take away or narrow.

`seeds/*.json` hold what the pages say, written from the YAML in them; where the pages themselves are
beside the project, the copy is compared with them.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from messaging.wire.schema import openapi_document

SEEDS = Path(__file__).with_name("seeds")
PAGES = Path(__file__).parents[2].parent / "shared" / "spec"
OPERATIONS = ("create-message", "list-messages")
# Words about the words: ours to choose, except where clients are made from them.
PROSE = {"description", "summary", "examples", "example"}
# Facts that may only be stated wider than the vendor's: none of these bounds may appear from nowhere.
BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "enum", "const",
          "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format", "uniqueItems")  # fmt: skip

pytestmark = [
    pytest.mark.parametrize("name", OPERATIONS),
    pytest.mark.wire("mielto", "create_message", "path, parameters, bodies, components"),
    pytest.mark.wire("mielto", "list_messages", "path, parameters, bodies, components"),
]


def facts_of(page: Path) -> Any:
    """The document in a page, without its prose."""
    found = re.search(r"^````yaml[^\n]*\n(.*?)^````", page.read_text(), re.S | re.M)
    assert found, f"{page} holds no YAML"
    return without_prose(yaml.safe_load(found[1]))


def without_prose(node: Any, *, inside: str = "") -> Any:
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    # Below `properties` and `schemas` keys are names, not words of the specification.
    names = inside in ("properties", "schemas", "responses")
    kept = {key: value for key, value in node.items() if names or key not in PROSE or isinstance(value, dict)}
    return {key: without_prose(value, inside="" if names else key) for key, value in kept.items()}


def seed(name: str) -> tuple[str, str, Any, Any]:
    """(path, method, operation, components) of the copy."""
    document = json.loads((SEEDS / f"{name}.json").read_text())
    [(path, methods)] = document["paths"].items()
    [(method, operation)] = methods.items()
    return path, method, operation, document["components"]


def ours(name: str) -> tuple[Any, Any]:
    path, method, *_ = seed(name)
    document = openapi_document()
    mounted = getattr(settings, "API_PREFIX", "") + path
    return document["paths"][mounted][method], document["components"]


def test_the_copy_is_true_to_the_page(name: str):
    page = PAGES / f"mielto-{name}.md"
    if not page.exists():
        pytest.skip("the vendor's pages are not beside this project")
    assert json.loads((SEEDS / f"{name}.json").read_text()) == facts_of(page)


def test_operation(name: str):
    _, _, theirs, _ = seed(name)
    operation, _ = ours(name)
    for fact in ("operationId", "tags"):
        assert operation[fact] == theirs[fact]
    # Alternatives: the vendor's comes first, and we take others too.
    assert operation["security"][: len(theirs["security"])] == theirs["security"]
    assert set(theirs["responses"]) <= set(operation["responses"])


def test_summary(name: str):
    # Prose, but generated clients take names from it.
    assert (
        ours(name)[0]["summary"]
        == {"create-message": "Create Message", "list-messages": "List Messages"}[name]
    )


def test_parameters(name: str):
    theirs, operation = seed(name)[2], ours(name)[0]
    by_name = {(item["name"].lower(), item["in"]): item for item in operation["parameters"]}
    for parameter in theirs["parameters"]:
        found = by_name[parameter["name"].lower(), parameter["in"]]
        assert found["required"] == parameter["required"]
        contained(parameter["schema"], found["schema"], parameter["name"])
    wanted = {(item["name"].lower(), item["in"]) for item in theirs["parameters"]}
    assert not [item for key, item in by_name.items() if key not in wanted and item.get("required")]


def test_request_body(name: str):
    theirs, operation = seed(name)[2], ours(name)[0]
    assert ("requestBody" in theirs) == ("requestBody" in operation)
    if "requestBody" in theirs:
        body = operation["requestBody"]
        assert body["required"] == theirs["requestBody"]["required"]
        assert list(body["content"]) == ["application/json"]
        schema = theirs["requestBody"]["content"]["application/json"]["schema"]
        contained(schema, body["content"]["application/json"]["schema"], "requestBody")


def test_responses(name: str):
    theirs, operation = seed(name)[2], ours(name)[0]
    for status, response in theirs["responses"].items():
        for kind, media in response.get("content", {}).items():
            found = operation["responses"][status]["content"][kind]
            contained(media["schema"], found["schema"], f"response {status}")


def test_components(name: str):
    _, _, _, components = seed(name)
    _, our_components = ours(name)
    for component, schema in components["schemas"].items():
        contained(schema, our_components["schemas"][component], component)
        assert our_components["schemas"][component].get("required", []) == schema.get("required", [])
    for scheme, facts in components["securitySchemes"].items():
        contained(facts, our_components["securitySchemes"][scheme], scheme)


def contained(theirs: Any, found: Any, where: str) -> None:
    """Raise AssertionError where a fact of theirs is not in ours, or a bound of ours is not theirs."""
    if isinstance(theirs, dict):
        assert isinstance(found, dict), where
        for key, value in theirs.items():
            assert key in found, f"{where} lacks {key}"
            contained(value, found[key], f"{where}.{key}")
        narrower = {
            key for key in BOUNDS if key in found and key not in theirs and not where.endswith("properties")
        }
        assert not narrower, f"{where} is narrower than the vendor's: {narrower}"
    elif isinstance(theirs, list) and all(isinstance(item, str) for item in theirs):
        assert found == theirs, where
    elif isinstance(theirs, list):
        assert len(found) == len(theirs), where
        for number, (one, other) in enumerate(zip(theirs, found, strict=True)):
            contained(one, other, f"{where}[{number}]")
    else:
        assert (type(found), found) == (type(theirs), theirs), f"{where}: {found!r} is not {theirs!r}"
