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
from .inputs import MAX_KEY_LENGTH
from .operations import Operation
from .pagination import WirePagination

HEADERS = {
    "X-Workspace-Id": "The workspace ID",
    "x-user-id": "The end user on whose behalf the call is made, an id of your own system",
    LAST_EVENT_ID: "Position behind which the stream begins; a client that connects anew sends it by itself",
    "Prefer": "`handling=strict` refuses (422) what would be ignored, and named in `Parley-Ignored`",
    "Idempotency-Key": "1 to 255 characters of your own; a repeat with them is answered as the first was",
}

TEXT: Schema = {"text/plain": {"schema": {"type": "string"}}}


class Documented(Protocol):
    """The view of an operation."""

    dialect: Dialect
    not_found: type[NotFound]
    tag: str
    action: str
    """The name of the method that handles the operation."""
    action_map: Mapping[str, str]
    """The methods of the view, by HTTP methods in small letters."""
    pagination_class: type[WirePagination]


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
        """The vendor's, else the summary as a name; generated clients call their functions so."""
        made = self.operation.operation_id or re.sub(r"\W+", "_", self.operation.summary).lower()
        is_second = self.method == "PATCH" and self.view.action_map.get("put") == self.view.action
        return made.replace("update_", "patch_", 1) if is_second else made

    @property
    def _is_stream(self) -> bool:
        answer = self.operation.answer
        return isinstance(answer, type) and issubclass(answer, EventStream)

    def _parameters(self) -> list[Schema]:
        headers = ["X-Workspace-Id", "Prefer", *self.view.dialect.ignored_headers]
        if self._is_stream and self.operation.answer.resumes:
            headers.append(LAST_EVENT_ID)
        if self.method == "POST":
            headers += ["x-user-id", *(["Idempotency-Key"] if self.operation.idempotent else [])]
        return [
            *[_path_parameter(name) for name in re.findall(r"{(\w+)}", self.path)],
            *self._query(),
            *[_header_parameter(name) for name in headers],
        ]

    def _query(self) -> list[Schema]:
        """The query parameters."""
        if self.operation.query is None:
            return []
        model = self.operation.query.model_json_schema(ref_template=REF, schema_generator=JSONSchema)
        properties: Schema = dict(model["properties"])
        pagination, required = self.view.pagination_class, model.get("required", ())
        # A vendor's own document names no orders, so there a client may send any text.
        if self.operation.operation_id is None and pagination.order_parameter in properties:
            properties[pagination.order_parameter]["enum"] = [*pagination.orders]
        return [
            _parameter("query", name, schema, required=name in required)
            for name, schema in properties.items()
        ]

    def _request_body(self) -> Schema:
        body = self.operation.body
        media: Schema = {"schema": self.components.reference(body)}
        if body and body.examples:
            media["examples"] = {
                title: {"summary": title, "value": value} for title, value in body.examples.items()
            }
        content = {"application/json": media} | (TEXT if self.operation.text else {})
        return {"required": self.operation.body_required, "content": content}

    def _responses(self) -> Schema:
        success: Schema = {"description": "Successful Response"}
        file: Schema = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
        if self.operation.answer is bytes:
            success |= file
        elif self._is_stream:
            success |= {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
        elif self.operation.answer is not None:
            success |= _json(self.components.answer(self.operation.answer, self.operation_id))
            success["content"] |= TEXT if self.operation.text and self.method == "GET" else {}
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
            415: "The body has a `Content-Encoding` other than gzip" if operation.body else None,
            429: "Too many requests; `Retry-After` says how many seconds to wait",
            503: "The database or the storage of large values is away; `Retry-After` says when to try again",
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
    schema = {"type": "string", "title": name.replace("_", " ").title()}
    return _parameter("path", name, schema, required=True)


LENGTHS: Mapping[str, Schema] = {"Idempotency-Key": {"minLength": 1, "maxLength": MAX_KEY_LENGTH}}


def _header_parameter(name: str) -> Schema:
    text = HEADERS.get(name, "Accepted and without effect")
    given = {"type": "string", **LENGTHS.get(name, {})}
    schema = {"anyOf": [given, {"type": "null"}], "description": text, "title": name}
    return _parameter("header", name, schema)


def _parameter(location: str, name: str, schema: Schema, *, required: bool = False) -> Schema:
    """A Parameter Object."""
    text = {"description": schema["description"]} if "description" in schema else {}
    style = {"style": "deepObject", "explode": True} if schema.get("type") == "object" else {}
    return {"name": name, "in": location, "required": required, **text, **style, "schema": schema}


def _json(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}
