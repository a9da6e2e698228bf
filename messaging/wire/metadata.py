"""The query parameters `meta_data.KEY=VALUE`, which no model can name one by one."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from messaging.values.text import text_problem

from .parameters import has_pairs

PREFIX = "meta_data."
PLACEHOLDER = "meta_data.<key>"


def _storable(pairs: dict[str, str]) -> dict[str, str]:
    for key in pairs:
        if reason := text_problem(key):
            raise PydanticCustomError("string_unstorable", "In a key: {reason}", {"reason": reason})
    return pairs


class MetaDataQuery(BaseModel):
    """Base of the queries that can be narrowed by top-level keys of `meta_data`."""

    meta_data: Annotated[
        dict[str, str],
        AfterValidator(_storable),
        WithJsonSchema({"type": "string"}),
        has_pairs("meta_data"),
    ] = Field(
        default_factory=dict,
        alias=PLACEHOLDER,
        description="Only rows whose `meta_data` has this key at its top with this value; "
        "may be given for several keys",
    )

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: Any) -> Any:
        """All parameters with the prefix under the one name."""
        pairs = {name.removeprefix(PREFIX): given[name] for name in given if name.startswith(PREFIX)}
        others = {name: value for name, value in given.items() if not name.startswith(PREFIX)}
        return others | {PLACEHOLDER: pairs}
