"""Keyset conditions: the rows that come after a position in an order. The one place that spells them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from messaging.sql.columns import field_of
from messaging.sql.conditions import Sql, one_of

Position = tuple[Any, ...]
"""A value for each column of an order."""


class Bound(NamedTuple):
    """The rows after a position, in an order of these columns."""

    names: tuple[str, ...]
    position: Position
    descending: bool


def after_position(columns: Sequence[str], *, descending: bool) -> str:
    """The condition upon quoted columns; `keyset_values` has a value for each placeholder.

    Spelled `a <= x AND (a < x OR (a = x AND ...))`: the redundant first half lets either database begin its
    index scan at the position.
    """
    sign = "<" if descending else ">"
    condition = f"{columns[-1]} {sign} %s"
    for column in reversed(columns[:-1]):
        condition = f"({column} {sign} %s OR ({column} = %s AND {condition}))"
    return f"{columns[0]} {sign}= %s AND {condition}"


def keyset_values(bounds: Sequence[Bound]) -> list[tuple[str, Any]]:
    """(column, value) for each placeholder of `after_position`, for all of these bounds."""
    values: list[tuple[str, Any]] = []
    for names, position, _ in bounds:
        pairs = list(zip(names, position, strict=True))
        values += [pairs[0], *(pair for pair in pairs[:-1] for _ in range(2)), pairs[-1]]
    return values


def as_parameters(
    model: type[models.Model], values: Sequence[tuple[str, Any]], connection: BaseDatabaseWrapper
) -> list[Any]:
    """Values of these columns as the database takes them; a list becomes the parameter of `one_of`."""
    return [
        one_of("", value, connection)[1]
        if isinstance(value, list)
        else field_of(model, name).get_db_prep_value(value, connection)
        for name, value in values
    ]


class AfterPosition(Func):
    """The same condition for a queryset."""

    output_field = BooleanField()

    def __init__(self, model: type[models.Model], bound: Bound) -> None:
        super().__init__(*(F(name) for name in bound.names))
        self.model, self.bound = model, bound

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, *self.bound)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any
    ) -> Sql:
        columns = [compiler.compile(column)[0] for column in self.source_expressions]
        condition = after_position(columns, descending=self.bound.descending)
        return f"({condition})", as_parameters(self.model, keyset_values([self.bound]), connection)
