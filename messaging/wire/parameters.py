"""Query parameters, each declared once: its name, type and description, and how it narrows a list.

A parameter is a field of the operation's query model, which validates it with FastAPI's errors and documents
it. `Narrows` in its type makes a filter of its value:

    role: Annotated[str | None, equals("role")] = Field(None, description="Filter by message role")
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

from django.db import models
from django_filters import Filter as QueryFilter
from django_filters.constants import EMPTY_VALUES
from django_filters.rest_framework import FilterSet
from pydantic import BaseModel

from messaging.index.filters import Compared, Contains, Equal, Filter, Pairs
from messaging.index.querysets import StoreQuerySet

Make = Callable[[Any, Any], Filter | None]
"""The filter of a value, given the query model that it is part of; None where the value narrows nothing."""


class Narrows:
    """Says of a query parameter how it narrows."""

    __slots__ = ("make",)

    def __init__(self, make: Make) -> None:
        self.make = make


def equals(column: str) -> Narrows:
    """Rows that hold the value in this column."""
    return Narrows(lambda value, query: Equal(column, value))


def is_later(column: str, lookup: Literal["gt", "gte"] = "gt") -> Narrows:
    """Rows whose moment in this column is later than the value."""
    return Narrows(lambda value, query: Compared(column, lookup, value))


def is_earlier(column: str) -> Narrows:
    """Rows whose moment in this column is earlier than the value."""
    return Narrows(lambda value, query: Compared(column, "lt", value))


def contains(column: str) -> Narrows:
    """Rows whose folded text in this column contains the value."""
    return Narrows(lambda value, query: Contains(column, value))


def has_pairs(column: str) -> Narrows:
    """Rows whose object in this column has each of the pairs."""
    return Narrows(lambda value, query: Pairs.of(column, value))


def filters_of(query: BaseModel) -> tuple[Filter, ...]:
    """How the given parameters of a query narrow; an empty one counts as not given."""
    values = ((way, getattr(query, name)) for name, way in _ways(type(query)).items())
    made = (way.make(value, query) for way, value in values if value not in EMPTY_VALUES)
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
