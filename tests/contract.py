"""The contract: what the OpenAPI document says of an operation, held against what it really answered.

Stricter than the document: an answer carries every documented key and no other.
"""

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from messaging.wire.schema import openapi_document

# Pydantic's `input` and `ctx` come on top of what the vendors document of an error.
OPEN = {"ValidationError"}
# Keys that an answer has only when they were asked for, or sent.
OPTIONAL = {"ThreadMessageResponse": {"parts"}, "InputImage": {"file_id", "image_url"}}


def check_answer(method: str, path: str, status: int, content: bytes) -> None:
    """Raise AssertionError where the answer is not one that the document describes."""
    template = _template(path.split("?")[0].removesuffix("/"))
    if template is None:
        assert status == 404, f"{path} is not documented and answered {status}"
        assert set(json.loads(content)) == {"detail"}
        return
    operation = openapi_document()["paths"][template].get(method.lower())
    if operation is None:
        assert status in (401, 405), f"{method} {template} is not documented and answered {status}"
        return
    assert str(status) in operation["responses"], f"{method} {template} does not document {status}"
    validator = _validator(template, method.lower(), str(status))
    if validator is None:
        assert content == b"", f"{method} {template} {status} has a body that is not documented"
    elif validator.schema is not True:
        validator.validate(json.loads(content))


@cache
def _template(path: str) -> str | None:
    """The documented path that this one is an instance of; literal segments win over parameters."""
    fitting = [
        template
        for template in openapi_document()["paths"]
        if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path)
    ]
    return min(fitting, key=lambda template: template.count("{"), default=None)


@cache
def _validator(template: str, method: str, status: str) -> Any:
    response = openapi_document()["paths"][template][method]["responses"][status]
    if "content" not in response:
        return None
    if "application/json" not in response["content"]:
        return Draft202012Validator(True)  # a file
    schema = response["content"]["application/json"]["schema"]
    return Draft202012Validator(schema | {"components": {"schemas": _strict_components()}})


@cache
def _strict_components() -> dict[str, Any]:
    components: dict[str, Any] = openapi_document()["components"]["schemas"]
    return {name: schema if name in OPEN else _strict(name, schema) for name, schema in components.items()}


def _strict(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in schema:
        return schema
    required = [key for key in schema["properties"] if key not in OPTIONAL.get(name, ())]
    return schema | {"additionalProperties": False, "required": required}
