"""Bases of the pydantic models that operations take and answer."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import orjson
from django.db.models import Model
from pydantic import BaseModel

from messaging.sql.rows import JSONRow


class Body(BaseModel):
    """What an operation takes."""

    examples: ClassVar[Mapping[str, object]] = MappingProxyType({})
    """Bodies that work when tried in the documentation, by title."""
    clearable: ClassVar[frozenset[str]] = frozenset()
    """The fields that null clears; elsewhere null counts as not given."""

    def given(self) -> dict[str, Any]:
        """The fields that the client gave a value, by name."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in sent.items() if value is not None or name in self.clearable}


class Read(BaseModel):
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
        values = row if isinstance(row, dict) else {name: getattr(row, name) for name in cls.columns()}
        return cls.rendered(values)

    @classmethod
    def rendered(cls, values: JSONRow) -> dict[str, Any]:
        """The answer, from the values of the columns."""
        return values
