"""An operation as the OpenAPI document shows it, in the shapes of its dialect."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from .components import REF, Components, Schema, without_null_defaults
from .dialect import Dialect
from .operations import Operation

__all__ = ["Handled", "described"]

HEADERS = {
    "X-Workspace-Id": "The workspace ID",
    "x-user-id": "The end user on whose behalf the call is made, an id of your own system",
    "Idempotency-Key": "1 to 255 characters of your own; a repeat with them is answered as the first was",
}


class Handled(NamedTuple):
    """Where the site routes an operation, and how its view presents it."""

    path: str
    method: str
    action: str
    """The name of the method that handles it."""
    description: str
    tag: str


def described(operation: Operation, dialect: Dialect, components: Components, handled: Handled) -> Schema:
    """The Operation Object of the document."""
    operation_id = operation.operation_id or _operation_id(handled)
    body = {"requestBody": _request_body(operation, components)} if operation.body else {}
    return {
        "operationId": operation_id,
        "summary": operation.summary,
        "description": handled.description,
        "tags": [handled.tag],
        "parameters": _parameters(operation, dialect, handled),
        "responses": _responses(operation, operation_id, dialect, components),
        "security": components.security(dialect.security),
        **body,
    }


def _operation_id(handled: Handled) -> str:
    """As FastAPI makes them: function, path and method."""
    return f"{handled.action}{re.sub(r'[^a-zA-Z0-9]', '_', handled.path)}_{handled.method}".lower()


def _parameters(operation: Operation, dialect: Dialect, handled: Handled) -> list[Schema]:
    headers = ["X-Workspace-Id", *dialect.ignored_headers]
    if handled.method.upper() == "POST":
        headers += ["x-user-id", *(["Idempotency-Key"] if operation.idempotent else [])]
    return [
        *[_path_parameter(name) for name in re.findall(r"{(\w+)}", handled.path)],
        *_query_parameters(operation),
        *[_header_parameter(name) for name in headers],
    ]


def _path_parameter(name: str) -> Schema:
    title = name.replace("_", " ").title()
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "title": title}}


def _header_parameter(name: str) -> Schema:
    text = HEADERS.get(name, "Accepted and without effect")
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}], "description": text, "title": name}
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _query_parameters(operation: Operation) -> list[Schema]:
    if operation.query is None:
        return []
    properties = without_null_defaults(operation.query.model_json_schema(ref_template=REF))["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": schema.get("description", ""),
            "schema": schema,
        }
        for name, schema in properties.items()
    ]


def _request_body(operation: Operation, components: Components) -> Schema:
    media: Schema = {"schema": components.reference(operation.body)}
    if operation.examples:
        media["examples"] = {
            title: {"summary": title, "value": value} for title, value in operation.examples.items()
        }
    return {"required": operation.body_required, "content": {"application/json": media}}


def _responses(operation: Operation, operation_id: str, dialect: Dialect, components: Components) -> Schema:
    success: Schema = {"description": "Successful Response"}
    file: Schema = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    if operation.answer is bytes:
        success |= file
    elif operation.answer is not None:
        success |= _json(components.answer(operation.answer, operation_id))
    further = {
        status: {"description": text} | (file if status.startswith("2") else {})
        for status, text in operation.further.items()
    }
    return {str(operation.status): success, **further, **_refusals(operation, dialect, components)}


def _refusals(operation: Operation, dialect: Dialect, components: Components) -> Mapping[str, Schema]:
    """What can go wrong, at the statuses of the wire; where two share one, the refused request is shown."""
    errors = dialect.errors
    descriptions = {
        401: "No valid API key",
        403: f"The key lacks the `{operation.permission}` permission" if operation.permission else None,
        404: operation.not_found or "Workspace not found",
        409: operation.conflict,
        413: "The body is too large" if operation.body else None,
        429: "Too many requests; `Retry-After` says how many seconds to wait",
        503: "The database is away; `Retry-After` says when to try again",
    }
    body = _json(components.reference(errors.model))
    invalid = {"description": "Validation Error"} | _json(components.reference(errors.invalid_model))
    return {
        str(errors.status(status)): {"description": text} | body
        for status, text in descriptions.items()
        if text
    } | {str(errors.status(422)): invalid}


def _json(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}
