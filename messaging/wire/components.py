"""The components of the OpenAPI document: pydantic models under their own names, and security schemes."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"


class JSONSchema(GenerateJsonSchema):
    """FastAPI leaves `default: null` out of its documents, and so do the vendors."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        made = super().default_schema(schema)
        return {name: value for name, value in made.items() if name != "default" or value is not None}


class Components:
    """Puts into the registry of the document whatever an operation refers to."""

    def __init__(self, registry: ComponentRegistry) -> None:
        self.registry = registry

    def reference(self, model: Any) -> Schema:
        """`$ref` to the component of a model, or a union of such for a union of models."""
        adapter: TypeAdapter[object] = TypeAdapter(model)
        references, definitions = TypeAdapter.json_schemas(
            [(0, "validation", adapter)], ref_template=REF, schema_generator=JSONSchema
        )
        for name, schema in definitions.get("$defs", {}).items():
            self._register(name, schema, ResolvedComponent.SCHEMA)
        return dict(references[0, "validation"])

    def answer(self, model: object, operation_id: str) -> Schema:
        """The schema of a successful answer: a model, or a list of them under a title of its own."""
        if get_origin(model) is not list:
            return self.reference(model)
        title = f"Response {operation_id.replace('_', ' ').title()}"
        return {"type": "array", "items": self.reference(get_args(model)[0]), "title": title}

    def security(self, schemes: Mapping[str, Mapping[str, Any]]) -> list[Schema]:
        """The alternatives of these security schemes, the first preferred."""
        for name, scheme in schemes.items():
            self._register(name, dict(scheme), ResolvedComponent.SECURITY_SCHEMA)
        return [{name: []} for name in schemes]

    def _register(self, name: str, schema: Schema, kind: str) -> None:
        """Raises ValueError where two wires mean different things by one name."""
        made: Any = ResolvedComponent
        component = made(name=name, type=kind, schema=schema, object=name)
        if component in self.registry and self.registry[component].schema != schema:
            raise ValueError(f"Two components are named {name}, and they differ")
        self.registry.register_on_missing(component)
