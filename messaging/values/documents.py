"""How a model differs in the OpenAPI document from what pydantic makes of it.

Generators of clients read `required` of an answer as a promise, and a `default` of a request as a value that
the server fills in, which some of them take for a promise too.
"""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ConfigDict

Schema = dict[str, Any]


AS_PUBLISHED = ConfigDict(json_schema_extra={})
"""The configuration of a model that a vendor's document states: it stays as it is there."""


def all_required(schema: Schema, model: type[BaseModel]) -> None:
    """Every property is there: for answers. A class names in `sometimes` those that are not.

    A generic model of a published one is published too.
    """
    of = model.__pydantic_generic_metadata__["args"]
    if any(getattr(each, "model_config", None) == AS_PUBLISHED for each in of):
        return
    sometimes: Collection[str] = getattr(model, "sometimes", ())
    schema["required"] = [name for name in schema.get("properties", {}) if name not in sometimes]


def without_defaults(schema: Schema, model: type[BaseModel]) -> None:
    """No property states its default: for requests. Each says in words what it is if not given."""
    for facts in schema.get("properties", {}).values():
        facts.pop("default", None)
