"""Bases of the pydantic models that operations take and answer."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Any, ClassVar

import orjson
from django.db.models import Model
from pydantic import BaseModel, ConfigDict

from messaging.sql.rows import JSONRow
from messaging.values.documents import all_required, without_defaults
from messaging.values.problems import Problem


class Body(BaseModel):
    """What an operation takes."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    examples: ClassVar[Mapping[str, object]] = MappingProxyType({})
    """Bodies that work when tried in the documentation, by title."""
    clearable: ClassVar[frozenset[str]] = frozenset()
    """The fields that null clears; elsewhere null counts as not given."""
    part_lists: ClassVar[tuple[str, ...]] = ()
    """The fields that hold parts of a message, which are counted in all messages of a call."""

    @classmethod
    def explain(cls, problem: Problem, body: object) -> str | None:
        """What the caller has probably meant, where `problem` refuses this body; None if that is unknown."""
        return None

    def given(self) -> dict[str, Any]:
        """The fields that the client gave a value, by name."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in sent.items() if value is not None or name in self.clearable}


class Answer(BaseModel):
    """What an operation answers: each of its fields, always."""

    model_config = ConfigDict(json_schema_extra=all_required)
    sometimes: ClassVar[frozenset[str]] = frozenset()
    """The fields that only some answers have."""


class Read(Answer):
    """What an operation answers of a row: unless a class says otherwise, its fields are columns."""

    parse: ClassVar[Callable[[str], Any]] = orjson.Fragment
    """What is made of the text of a JSON column."""

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """What is read of each row."""
        return tuple(cls.model_fields)

    @classmethod
    def of(cls, row: Model | JSONRow) -> dict[str, Any]:
        """The answer, from an instance or from a row that was read with `columns` and `parse`."""
        return cls.rendered(row if isinstance(row, dict) else _values_of(cls)(row))

    @classmethod
    def all_of(cls, rows: Iterable[Model | JSONRow]) -> list[dict[str, Any]]:
        """The answers, in their order."""
        # A page is a thousand rows: each of them is one call here.
        return [cls.rendered(row) if type(row) is dict else cls.of(row) for row in rows]

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        """The answer, from the values of the columns."""
        return values


@cache
def _values_of(shape: type[Read]) -> Callable[[Model], JSONRow]:
    """What the shape is made of, from an instance."""
    columns = shape.columns()
    values = attrgetter(*columns)
    return lambda row: dict(zip(columns, values(row), strict=True))


def shown_superseder(row: Mapping[str, Any]) -> dict[str, str]:
    """What a wire whose vendor knows no branches shows of a message besides: `superseded_by`, where another
    message took its place."""
    superseder = row["superseded_by"]
    return {"superseded_by": superseder} if superseder else {}
