"""Query parameters, each declared once: its name, type and description, and how it narrows a list.

A parameter is a field of the operation's query model, which validates it with FastAPI's errors and documents
it. `Narrows` in its type makes a filter of its value:

    role: Annotated[str | None, equals("role")] = Field(None, description="Filter by message role")
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from django.db import models
from django_filters import Filter as QueryFilter
from django_filters.constants import EMPTY_VALUES
from django_filters.rest_framework import FilterSet
from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from messaging.index.filters import Compared, Contains, Equal, Filter, Pairs
from messaging.index.querysets import StoreQuerySet
from messaging.values.text import text_problem

META_DATA = "meta_data"
MOST_PAIRS = 20
Make = Callable[[Any, Any], Filter | None]
"""The filter of a value, given the query model that it is part of; None where the value narrows nothing."""


class ShowingQuery(BaseModel):
    """Base of query models that say how much an answer shows."""

    everything: ClassVar[Mapping[str, Any]] = {}
    """The values by which it shows all that there is."""


def everything(model: type[BaseModel]) -> BaseModel:
    """The query that asks for as much as there is of one object."""
    return model(**model.everything) if issubclass(model, ShowingQuery) else model()


class Narrows:
    """Says of a query parameter how it narrows."""

    __slots__ = ("make",)

    def __init__(self, make: Make) -> None:
        self.make = make


def equals(column: str) -> Narrows:
    """Rows that hold the value in this column."""
    return Narrows(lambda value, query: Equal(column, value))


def is_later(column: str) -> Narrows:
    """Rows whose moment or number in this column is beyond the value."""
    return Narrows(lambda value, query: Compared(column, "gt", value))


def is_earlier(column: str) -> Narrows:
    """Rows whose moment or number in this column is below the value."""
    return Narrows(lambda value, query: Compared(column, "lt", value))


def contains(column: str) -> Narrows:
    """Rows whose folded text in this column contains the value."""
    return Narrows(lambda value, query: Contains(column, value))


def _storable(pairs: dict[str, str]) -> dict[str, str]:
    if len(pairs) > MOST_PAIRS:
        text = "A list is narrowed by at most {limit} keys of meta data"
        raise PydanticCustomError("too_long", text, {"limit": MOST_PAIRS})
    for key in pairs:
        if reason := text_problem(key):
            raise PydanticCustomError("string_unstorable", "In a key: {reason}", {"reason": reason})
    return pairs


def meta_data_key(parameter: str) -> str | None:
    """The key that `meta_data.KEY` or `meta_data[KEY]` names; None for another parameter."""
    rest = parameter.removeprefix(META_DATA) if parameter.startswith(META_DATA) else ""
    if rest.startswith("."):
        return rest[1:]
    return rest[1:-1] if rest.startswith("[") and rest.endswith("]") else None


class MetaDataQuery(BaseModel):
    """Base of the queries with the parameters `meta_data.KEY=VALUE`, which no model can name one by one.

    `meta_data[KEY]=VALUE` is the same, as generated clients write an object of OpenAPI's style `deepObject`.
    """

    meta_data: Annotated[
        dict[str, str],
        AfterValidator(_storable),
        WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
        Narrows(lambda pairs, query: Pairs.of("meta_data", pairs)),
    ] = Field(
        default_factory=dict,
        description="Only rows whose `meta_data` has this key at its top with this value, by"
        " `meta_data.KEY=VALUE` or `meta_data[KEY]=VALUE`; may be given for several keys",
    )

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: Any) -> Any:
        """All parameters that name a key under the one name."""
        keys = {name: key for name in given if (key := meta_data_key(name)) is not None}
        others = {name: value for name, value in given.items() if name not in keys and name != META_DATA}
        return others | {META_DATA: {key: given[name] for name, key in keys.items()}}


class BranchQuery(BaseModel):
    """Base of the queries of messages, which leave out what others took the place of."""

    branch: Annotated[
        Literal["current", "all"],
        Narrows(lambda branch, query: None if branch == "all" else Equal("superseded_by", None)),
    ] = Field("current", description="`all` for messages too that others took the place of")


def filters_of(query: BaseModel) -> tuple[Filter, ...]:
    """How the given parameters of a query narrow; an empty one counts as not given."""
    values = [(way, getattr(query, name)) for name, way in _ways(type(query)).items()]
    made = [way.make(value, query) for way, value in values if value not in EMPTY_VALUES]
    return tuple(each for each in made if each is not None)


def filterset_of(query: type[BaseModel], model: type[models.Model]) -> type[FilterSet]:
    """The same parameters as a FilterSet, for a host's own views over the rows of this model."""
    attributes: Mapping[str, Any] = {name: _Narrowing(way) for name, way in _ways(query).items()}
    meta = type("Meta", (), {"model": model, "fields": ()})
    return type(f"{model.__name__}Filter", (FilterSet,), {**attributes, "Meta": meta})


class _Narrowing(QueryFilter):  # type: ignore[misc]
    """One parameter of a FilterSet."""

    def __init__(self, way: Narrows) -> None:
        super().__init__()
        self.way = way

    def filter(self, queryset: StoreQuerySet[Any], value: Any) -> StoreQuerySet[Any]:
        each = None if value in EMPTY_VALUES else self.way.make(value, None)
        return queryset if each is None else queryset.narrow(each)


@cache
def _ways(query: type[BaseModel]) -> dict[str, Narrows]:
    declared = {name: field.metadata for name, field in query.model_fields.items()}
    return {name: way for name, metadata in declared.items() for way in metadata if isinstance(way, Narrows)}
