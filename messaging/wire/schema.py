"""The OpenAPI document: written from the operations of the views and their pydantic models."""

from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from drf_spectacular.generators import EndpointEnumerator, SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.settings import SPECTACULAR_DEFAULTS, patched_settings

from messaging import __version__

from .components import Components, Schema
from .description import Description
from .introduction import INTRODUCTION
from .operations import operation_of

# Every setting but those of its own views, so that a host's SPECTACULAR_SETTINGS cannot change the document.
SETTINGS = {
    name: value
    for name, value in SPECTACULAR_DEFAULTS.items()
    if not name.startswith(("SERVE_", "DEFAULT_GENERATOR_CLASS"))
} | {
    "TITLE": "Parley",
    "DESCRIPTION": INTRODUCTION,
    "SERVERS": [{"url": "/", "description": "The server that this document comes from"}],
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],
    "SCHEMA_PATH_PREFIX": "",
    "LICENSE": {"name": "MIT"},
}

_writing = Lock()
"""One thread at a time writes the document: the generator loads its extensions for all threads."""


def openapi_document() -> Schema:
    """OpenAPI 3.1 for every operation of our wires, at the paths where the site routes them."""
    with _writing:
        return _document_of(settings.ROOT_URLCONF)


@cache
def _document_of(urlconf: str) -> Schema:
    with patched_settings(SETTINGS):
        generator: Any = WireSchemaGenerator
        document: Schema = generator(urlconf=urlconf).get_schema(request=None, public=True)
    return document


class WireEndpoints(EndpointEnumerator):
    def should_include_endpoint(self, path: str, callback: object) -> bool:
        """Ours alone, whatever else the site routes."""
        view = getattr(callback, "cls", None)
        return isinstance(getattr(view, "schema", None), OperationSchema)


class WireSchemaGenerator(SchemaGenerator):
    endpoint_inspector_cls = WireEndpoints

    def get_schema(self, *args: Any, **kwargs: Any) -> Schema:
        """The document, with what the dialects of its views tell of their tags."""
        untyped: Any = super()
        document: Schema = untyped.get_schema(*args, **kwargs)
        dialects = {view.dialect.name: view.dialect for *_, view in untyped._get_paths_and_endpoints()}
        told = {tag: text for dialect in dialects.values() for tag, text in dialect.tags.items()}
        return document | {"tags": [{"name": tag, "description": text} for tag, text in told.items()]}


class OperationSchema(AutoSchema):
    """Documents a handler from its Operation, and nothing that has none."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Schema | None:
        view: Any = self.view
        operation = operation_of(getattr(view, view.action or "", None))
        # Of the two spellings of a path the one without a slash at its end is documented.
        if operation is None or path.endswith("/"):
            return None
        return Description(operation, view, path, method.upper(), Components(registry)).schema()
