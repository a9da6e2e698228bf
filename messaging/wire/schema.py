"""The OpenAPI document: written from the operations of the views and their pydantic models."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, get_args, get_origin

from django.conf import settings
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from drf_spectacular.settings import SPECTACULAR_DEFAULTS, patched_settings
from pydantic import TypeAdapter

from messaging import __version__

from .dialect import Dialect, ErrorFormat
from .operations import Operation, operation_of

__all__ = ["OperationSchema", "openapi_document"]

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"

# Every setting but those of its own views, so that a host's SPECTACULAR_SETTINGS cannot change the document.
SETTINGS = {
    **{
        name: value
        for name, value in SPECTACULAR_DEFAULTS.items()
        if not name.startswith(("SERVE_", "DEFAULT_GENERATOR_CLASS"))
    },
    "TITLE": "Parley",
    "DESCRIPTION": "The message store for AI conversations.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "PREPROCESSING_HOOKS": [],
    "POSTPROCESSING_HOOKS": [],
    "SCHEMA_PATH_PREFIX": "",
    "APPEND_COMPONENTS": {},
    "TAGS": [],
    "SERVERS": [],
    "CONTACT": {},
    "LICENSE": {"name": "MIT"},
    "EXTENSIONS_ROOT": {},
    "CAMELIZE_NAMES": False,
    "WEBHOOKS": [],
}


WORKSPACE_HEADER = "The workspace ID"
HEADERS = {
    "X-Workspace-Id": WORKSPACE_HEADER,
    "x-user-id": "The end user on whose behalf the call is made, an id of your own system",
    "Idempotency-Key": "1 to 255 characters of your own; a repeat with them is answered as the first was",
}


def openapi_document() -> Schema:
    """OpenAPI 3.1 for every operation of our wires, at the paths where the site routes them."""
    return _document_of(settings.ROOT_URLCONF)


@cache
def _document_of(urlconf: str) -> Schema:
    with patched_settings(SETTINGS):
        generator: Any = WireSchemaGenerator
        document: Schema = generator(urlconf=urlconf).get_schema(request=None, public=True)
    return document


class WireEndpoints(EndpointEnumerator):
    def should_include_endpoint(self, path: str, callback: Any) -> bool:
        """Ours alone, whatever else the site routes."""
        view = getattr(callback, "cls", None)
        return isinstance(getattr(view, "schema", None), OperationSchema)


class WireSchemaGenerator(SchemaGenerator):
    endpoint_inspector_cls = WireEndpoints


class OperationSchema(AutoSchema):
    """Documents a handler from its Operation, and nothing that has none."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Schema | None:
        view: Any = self.view
        handler = getattr(view, view.action or "", None)
        operation = operation_of(handler)
        # Of the two spellings of a path the one without a slash at its end is documented.
        if operation is None or path.endswith("/"):
            return None
        dialect: Dialect = view.dialect
        for name, scheme in dialect.security.items():
            _register(registry, name, dict(scheme), ResolvedComponent.SECURITY_SCHEMA)
        operation_id = operation.operation_id or _operation_id(view.action, path, method)
        description: Schema = {
            "operationId": operation_id,
            "summary": operation.summary,
            "description": _description(handler),
            "tags": [view.tag],
            "parameters": _parameters(path, method, operation, registry, dialect.ignored_headers),
            "responses": _responses(operation, operation_id, dialect.errors, registry),
            "security": [{name: []} for name in dialect.security],
        }
        if operation.body:
            description["requestBody"] = _request_body(operation, registry)
        return description


def _operation_id(action: str, path: str, method: str) -> str:
    """As FastAPI makes them: function, path and method."""
    return f"{action}{re.sub(r'[^a-zA-Z0-9]', '_', path)}_{method}".lower()


def _description(handler: Any) -> str:
    lines = (handler.__doc__ or "").strip().splitlines()
    return "\n".join(line.strip() for line in lines)


def _parameters(
    path: str, method: str, operation: Operation, registry: ComponentRegistry, ignored: Sequence[str]
) -> list[Schema]:
    headers = ["X-Workspace-Id", *ignored]
    if method.upper() == "POST":
        headers += ["x-user-id", *(["Idempotency-Key"] if operation.idempotent else [])]
    return [
        *[_path_parameter(name) for name in re.findall(r"{(\w+)}", path)],
        *_query_parameters(operation, registry),
        *[_header_parameter(name) for name in headers],
    ]


def _path_parameter(name: str) -> Schema:
    title = name.replace("_", " ").title()
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "title": title}}


def _header_parameter(name: str) -> Schema:
    text = HEADERS.get(name, "Accepted and without effect")
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}], "description": text, "title": name}
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _query_parameters(operation: Operation, registry: ComponentRegistry) -> list[Schema]:
    if operation.query is None:
        return []
    properties = _without_null_defaults(operation.query.model_json_schema(ref_template=REF))["properties"]
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


def _request_body(operation: Operation, registry: ComponentRegistry) -> Schema:
    media: Schema = {"schema": _reference(operation.body, registry)}
    if operation.examples:
        media["examples"] = {
            title: {"summary": title, "value": value} for title, value in operation.examples.items()
        }
    return {"required": True, "content": {"application/json": media}}


def _responses(
    operation: Operation, operation_id: str, errors: ErrorFormat, registry: ComponentRegistry
) -> Schema:
    success: Schema = {"description": "Successful Response"}
    file: Schema = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    if operation.answer is bytes:
        success |= file
    elif operation.answer is not None:
        success |= _json(_answer_schema(operation.answer, operation_id, registry))
    further = {
        status: {"description": text} | (file if status.startswith("2") else {})
        for status, text in operation.further.items()
    }
    return {str(operation.status): success, **further, **_refusals(operation, errors, registry)}


def _refusals(operation: Operation, errors: ErrorFormat, registry: ComponentRegistry) -> Schema:
    """What can go wrong, at the statuses of the wire; where two share one, the refused request is shown."""
    descriptions = {
        401: "No valid API key",
        403: f"The key lacks the `{operation.permission}` permission" if operation.permission else None,
        404: operation.not_found or "Workspace not found",
        409: operation.conflict,
        413: "The body is too large" if operation.body else None,
        429: "Too many requests; `Retry-After` says how many seconds to wait",
        503: "The database is away; `Retry-After` says when to try again",
    }
    body = _json(_reference(errors.model, registry))
    invalid = {"description": "Validation Error"} | _json(_reference(errors.invalid_model, registry))
    return {
        str(errors.status(status)): {"description": text} | body
        for status, text in descriptions.items()
        if text
    } | {str(errors.status(422)): invalid}


def _json(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}


def _answer_schema(answer: Any, operation_id: str, registry: ComponentRegistry) -> Schema:
    if get_origin(answer) is not list:
        return _reference(answer, registry)
    title = f"Response {operation_id.replace('_', ' ').title()}"
    return {"type": "array", "items": _reference(get_args(answer)[0], registry), "title": title}


def _reference(model: Any, registry: ComponentRegistry) -> Schema:
    """`$ref` to the component of this model, or a union of such.

    All that is referred to is in the registry afterwards.
    """
    inputs: list[Any] = [(model, "validation", TypeAdapter(model))]
    references, definitions = TypeAdapter.json_schemas(inputs, ref_template=REF)
    for name, schema in definitions.get("$defs", {}).items():
        _register(registry, name, _without_null_defaults(schema), ResolvedComponent.SCHEMA)
    return dict(references[(model, "validation")])


def _register(registry: ComponentRegistry, name: str, schema: Schema, kind: str) -> None:
    component: Any = ResolvedComponent
    registry.register_on_missing(component(name=name, type=kind, schema=schema, object=name))


def _without_null_defaults(schema: Any) -> Any:
    """FastAPI leaves `default: null` out of its documents, and so do the vendors'."""
    if isinstance(schema, dict):
        return {
            key: _without_null_defaults(value)
            for key, value in schema.items()
            if not (key == "default" and value is None)
        }
    if isinstance(schema, list | tuple) and not isinstance(schema, str):
        return [_without_null_defaults(item) for item in schema]
    return schema
