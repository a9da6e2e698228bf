"""The contract: what the OpenAPI document states of an operation, held against what it really answered.

Stricter than the document: an answer carries every documented key and no other.
"""

import json
import re
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from jsonschema_rs import Draft202012Validator

from messaging.wire.schema import openapi_document
from tests.wires import wire_of

# Pydantic's `input` and `ctx` come on top of what the vendors document of an error.
OPEN = {"ValidationError"}
# Keys that an answer has only when they were asked for, or sent.
OPTIONAL = {
    "ThreadMessageResponse": {"parts", "superseded_by"},
    "InputImage": {"file_id", "image_url"},
    "ConversationRead": {"last_message"},
    "AnthropicTranscript": {"system"},
    "GeminiTranscript": {"systemInstruction"},
    "MessageObject": {"superseded_by"},
}


def check_answer(method: str, path: str, status: int, content: bytes) -> None:
    """Raise AssertionError where the answer is not one that the document describes."""
    contract, path = _contract_of(settings.ROOT_URLCONF), path.split("?")[0]
    template = contract.template(path.removesuffix("/"))
    if template is None:
        assert status == 404, f"{path} is not documented and answered {status}"
        model = wire_of(path).errors.model
        assert set(json.loads(content)) == set(model.model_fields)
        model.model_validate_json(content)
        return
    operation = contract.paths[template].get(method.lower())
    if operation is None:
        assert status in (401, 405), f"{method} {template} is not documented and answered {status}"
        return
    assert str(status) in operation["responses"], f"{method} {template} does not document {status}"
    if not operation["responses"][str(status)].get("content"):
        assert content == b"", f"{method} {template} {status} has a body that is not documented"
    elif validator := contract.validator(template, method.lower(), str(status)):
        validator.validate(json.loads(content))


class Contract:
    """The OpenAPI document of one table of routes."""

    def __init__(self) -> None:
        document = openapi_document()
        self.paths: dict[str, Any] = document["paths"]
        self.schemas: dict[str, Any] = document["components"]["schemas"]
        self.template, self.validator = cache(self._template), cache(self._validator)
        self._compiled = cache(self._compile)  # most answers are of few schemas
        self._patterns = {
            template: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)))
            for template in self.paths
        }

    def _template(self, path: str) -> str | None:
        """The documented path that this one is an instance of; literal segments win over parameters."""
        fitting = [template for template, pattern in self._patterns.items() if pattern.fullmatch(path)]
        return min(fitting, key=lambda template: template.count("{"), default=None)

    def _validator(self, template: str, method: str, status: str) -> Draft202012Validator | None:
        """Of a body of JSON; None for a file, which may hold anything."""
        content = self.paths[template][method]["responses"][status]["content"]
        if "application/json" not in content:
            return None
        return self._compiled(json.dumps(content["application/json"]["schema"]))

    def _compile(self, schema: str) -> Draft202012Validator:
        return Draft202012Validator(json.loads(schema) | {"components": {"schemas": self.strict_schemas}})

    @cached_property
    def strict_schemas(self) -> dict[str, Any]:
        return {
            name: schema if name in OPEN else _strict(name, schema) for name, schema in self.schemas.items()
        }


@cache
def _contract_of(urlconf: str) -> Contract:
    return Contract()


def _strict(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in schema:
        return schema
    required = [key for key in schema["properties"] if key not in OPTIONAL.get(name, ())]
    return schema | {"additionalProperties": False, "required": required}


def check_caching(headers: Mapping[str, str]) -> None:
    """No cache keeps an answer, or gives to one caller what another one may see; files are asked for anew."""
    kept = {"private, no-cache"} if "ETag" in headers else {"no-store"}
    assert headers["Cache-Control"] in kept, headers
    varying = {name.strip().lower() for name in headers["Vary"].split(",")}
    assert varying >= {"authorization", "x-api-key", "x-workspace-id", "x-user-id"}, headers
