"""An operation as the OpenAPI document shows it, in the shapes of its dialect."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from inspect import cleandoc
from typing import Protocol

from messaging.exceptions import NotFound

from .components import REF, Components, JSONSchema, Schema
from .dialect import Dialect
from .events import EVENT_STREAM, LAST_EVENT_ID, EventStream
from .operations import Operation

HEADERS = {
    "X-Workspace-Id": "The workspace ID",
    "x-user-id": "The end user on whose behalf the call is made, an id of your own system",
    LAST_EVENT_ID: "Position behind which the stream begins; a client that connects anew sends it by itself",
    "Idempotency-Key": "1 to 255 characters of your own; a repeat with them is answered as the first was",
}


class Documented(Protocol):
    """The view of an operation."""

    dialect: Dialect
    not_found: type[NotFound]
    tag: str
    action: str
    """The name of the method that handles the operation."""


@dataclass(frozen=True, slots=True)
class Description:
    """An operation at the path where the site routes it."""

    operation: Operation
    view: Documented
    path: str
    method: str
    components: Components

    def schema(self) -> Schema:
        """The Operation Object of the document."""
        return {
            "operationId": self.operation_id,
            "summary": self.operation.summary,
            "description": cleandoc(getattr(self.view, self.view.action).__doc__ or ""),
            "tags": [self.view.tag],
            "parameters": self._parameters(),
            "responses": self._responses(),
            "security": self.components.security(self.view.dialect.security),
            **({"requestBody": self._request_body()} if self.operation.body else {}),
        }

    @property
    def operation_id(self) -> str:
        """The vendor's, else as FastAPI makes them: function, path and method."""
        made = f"{self.view.action}{re.sub(r'[^a-zA-Z0-9]', '_', self.path)}_{self.method}".lower()
        return self.operation.operation_id or made

    def _parameters(self) -> list[Schema]:
        headers = ["X-Workspace-Id", *self.view.dialect.ignored_headers]
        if self.operation.answer is EventStream:
            headers.append(LAST_EVENT_ID)
        if self.method == "POST":
            headers += ["x-user-id", *(["Idempotency-Key"] if self.operation.idempotent else [])]
        return [
            *[_path_parameter(name) for name in re.findall(r"{(\w+)}", self.path)],
            *[_parameter("query", name, schema) for name, schema in self._query().items()],
            *[_header_parameter(name) for name in headers],
        ]

    def _query(self) -> Schema:
        """The schemas of the query parameters, by name."""
        if self.operation.query is None:
            return {}
        model = self.operation.query.model_json_schema(ref_template=REF, schema_generator=JSONSchema)
        return dict(model["properties"])

    def _request_body(self) -> Schema:
        body = self.operation.body
        media: Schema = {"schema": self.components.reference(body)}
        if body and body.examples:
            media["examples"] = {
                title: {"summary": title, "value": value} for title, value in body.examples.items()
            }
        return {"required": self.operation.body_required, "content": {"application/json": media}}

    def _responses(self) -> Schema:
        success: Schema = {"description": "Successful Response"}
        file: Schema = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
        if self.operation.answer is bytes:
            success |= file
        elif self.operation.answer is EventStream:
            success |= {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
        elif self.operation.answer is not None:
            success |= _json(self.components.answer(self.operation.answer, self.operation_id))
        further = {
            status: {"description": told} | (file if status.startswith("2") else {})
            if isinstance(told, str)
            else {"description": cleandoc(told.__doc__ or "")} | _json(self.components.reference(told))
            for status, told in self.operation.further.items()
        }
        return {str(self.operation.status): success, **further, **self._refusals()}

    def _refusals(self) -> Mapping[str, Schema]:
        """What can go wrong, at the statuses of the wire; a refused request wins where two share one."""
        errors, operation = self.view.dialect.errors, self.operation
        descriptions = {
            401: "No valid API key",
            403: f"The key lacks the `{operation.permission}` permission" if operation.permission else None,
            404: operation.not_found or self._not_found(),
            409: operation.conflict,
            413: "The body is too large" if operation.body else None,
            429: "Too many requests; `Retry-After` says how many seconds to wait",
            503: "The database is away; `Retry-After` says when to try again",
        }
        body = _json(self.components.reference(errors.model))
        invalid = {"description": "Validation Error"} | _json(
            self.components.reference(errors.invalid_model or errors.model)
        )
        return {
            str(errors.status(status)): {"description": text} | body
            for status, text in descriptions.items()
            if text
        } | {str(errors.status(422)): invalid}

    def _not_found(self) -> str:
        """The id in the path, or the workspace that a header names."""
        noun = self.view.not_found.noun if "{" in self.path else "Workspace"
        return f"{self.view.dialect.nouns.get(noun, noun)} not found"


def _path_parameter(name: str) -> Schema:
    return _parameter("path", name, {"type": "string", "title": name.replace("_", " ").title()})


def _header_parameter(name: str) -> Schema:
    text = HEADERS.get(name, "Accepted and without effect")
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}], "description": text, "title": name}
    return _parameter("header", name, schema)


def _parameter(location: str, name: str, schema: Schema) -> Schema:
    """A Parameter Object, required in the path alone."""
    text = {"description": schema["description"]} if "description" in schema else {}
    return {"name": name, "in": location, "required": location == "path", **text, "schema": schema}


def _json(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}
