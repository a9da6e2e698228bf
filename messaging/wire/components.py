"""The components of the OpenAPI document: pydantic models under their own names, and security schemes."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from pydantic import TypeAdapter

Schema = dict[str, Any]
REF = "#/components/schemas/{model}"


class Components:
    """Puts into the registry of the document whatever an operation refers to."""

    def __init__(self, registry: ComponentRegistry) -> None:
        self.registry = registry

    def reference(self, model: Any) -> Schema:
        """`$ref` to the component of a model, or a union of such for a union of models."""
        adapter: TypeAdapter[object] = TypeAdapter(model)
        references, definitions = TypeAdapter.json_schemas([(0, "validation", adapter)], ref_template=REF)
        for name, schema in definitions.get("$defs", {}).items():
            self._register(name, without_null_defaults(schema), ResolvedComponent.SCHEMA)
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


def without_null_defaults(schema: Any) -> Any:
    """FastAPI leaves `default: null` out of its documents, and so do the vendors."""
    if isinstance(schema, dict):
        return {
            key: without_null_defaults(value)
            for key, value in schema.items()
            if not (key == "default" and value is None)
        }
    if isinstance(schema, list | tuple):
        return [without_null_defaults(item) for item in schema]
    return schema
