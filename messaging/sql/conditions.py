"""Conditions that Django does not have, with the same answer on both databases."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, BooleanField, F, Func, Value
from django.db.models.sql.compiler import SQLCompiler

Sql = tuple[str, Sequence[Any]]
"""A text with a placeholder for each value, and the values."""


class HasBytes(Func):
    """The bytes in a column contain these bytes."""

    output_field = BooleanField()

    def __init__(self, column: str, wanted: bytes) -> None:
        super().__init__(F(column), Value(wanted, output_field=BinaryField()))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        # Of the functions of PostgreSQL strpos alone takes the column first, and it knows no bytes.
        column, wanted = (compiler.compile(part) for part in self.source_expressions)
        return f"(position({wanted[0]} in {column[0]}) > 0)", [*wanted[1], *column[1]]

    def as_sqlite(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Sql:
        return self.as_sql(compiler, connection, template="(instr(%(expressions)s) > 0)")


class OneOf(Func):
    """The text in a column is one of these. They are one parameter, so that the statement stays short."""

    output_field = BooleanField()

    def __init__(self, column: str, wanted: Iterable[str]) -> None:
        super().__init__(F(column))
        self.wanted = list(wanted)

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, *self.wanted)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any
    ) -> Sql:
        column, params = compiler.compile(self.source_expressions[0])
        condition, wanted = one_of(column, self.wanted, connection)
        return condition, [*params, wanted]


class OneOfThese(Func):
    """The text in a column is one of these names, which stand in the statement itself: no database would see
    else that an index serves whose condition they are."""

    output_field = BooleanField()

    def __init__(self, column: str, names: Sequence[str]) -> None:
        listed = ", ".join(f"'{name}'" for name in names)
        super().__init__(F(column), template=f"%(expressions)s IN ({listed})")


def one_of(column: str, wanted: list[str], connection: BaseDatabaseWrapper) -> tuple[str, Any]:
    """The same for SQL that is written by hand: the condition upon a quoted column, and its parameter."""
    if connection.vendor == "postgresql":
        return f"({column} = ANY(%s))", wanted
    return f"({column} IN (SELECT value FROM json_each(%s)))", json.dumps(wanted)  # noqa: S608  a quoted column
