"""Conditions that Django does not have, with the same answer on both databases."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BinaryField, BooleanField, F, Func, Value
from django.db.models.sql.compiler import SQLCompiler

from .by_terms import ByTerms
from .terms import is_exact, listed, pair

__all__ = ["HasBytes", "HasPair", "HasTexts", "OneOf", "one_of"]


class HasTexts(ByTerms):
    """The list of texts in a column has any of these, or with `every_one` all of them."""

    def __init__(self, column: str, texts: Sequence[str], *, every_one: bool = False) -> None:
        super().__init__(column)
        self.texts, self.every_one = list(texts), every_one
        had = [listed(column, text) for text in self.texts]
        self.wanted = [[one] for one in had] if every_one else [had]

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, *self.texts, self.every_one)

    def by_value(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            operator = "?&" if self.every_one else "?|"
            return f"COALESCE({column} {operator} %s, false)", [*params, self.texts]
        # One parameter, however many are wanted: an expression of SQLite is 1,000 deep at most.
        wanted = "SELECT 1 FROM json_each(%s) AS wanted WHERE wanted.value"
        having = f"(SELECT value FROM json_each({column}))"  # noqa: S608  a column, compiled by Django
        if self.every_one:
            none_missing = f"NOT EXISTS ({wanted} NOT IN {having})"
            return f"({column} IS NOT NULL AND {none_missing})", [*params, json.dumps(self.texts), *params]
        return f"EXISTS ({wanted} IN {having})", [json.dumps(self.texts), *params]


class HasPair(ByTerms):
    """The JSON object in a column has this key at its top, with this text or the scalar that it spells.

    So `3` finds both `3` and `"3"`.
    """

    def __init__(self, column: str, key: str, text: str) -> None:
        super().__init__(column)
        self.key = key
        self.values: list[Any] = [text, *_spelled(text)]
        self.wanted = [[had for value in self.values if (had := pair(column, key, value)) is not None]]

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.key, json.dumps(self.values))

    def by_value(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            one = f"({column}::jsonb) @> %s::jsonb"
            pairs = [json.dumps({self.key: value}) for value in self.values]
            return f"COALESCE({' OR '.join([one] * len(pairs))}, false)", [
                p for pair in pairs for p in (*params, pair)
            ]
        kinds = [_of_kind(value) for value in self.values]
        either = " OR ".join(condition for condition, _ in kinds)
        found = f"EXISTS (SELECT 1 FROM json_each({column}) AS pair WHERE pair.key = %s AND ({either}))"  # noqa: S608
        return found, [*params, self.key, *(value for _, values in kinds for value in values)]


class HasBytes(Func):
    """The bytes in a column contain these bytes."""

    output_field = BooleanField()

    def __init__(self, column: str, wanted: bytes) -> None:
        super().__init__(F(column), Value(wanted, output_field=BinaryField()))

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        # Of the functions of PostgreSQL strpos alone takes the column first, and it knows no bytes.
        column, wanted = (compiler.compile(part) for part in self.source_expressions)
        return f"(position({wanted[0]} in {column[0]}) > 0)", [*wanted[1], *column[1]]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(instr(%(expressions)s) > 0)")


class OneOf(Func):
    """The text in a column is one of these: one parameter, however many there are.

    With one for each, writing the statement for the parts of a hundred messages took 0.7 ms.
    """

    output_field = BooleanField()

    def __init__(self, column: str, wanted: Iterable[str]) -> None:
        super().__init__(F(column))
        self.wanted = list(wanted)

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, *self.wanted)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any
    ) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        condition, wanted = one_of(column, self.wanted, connection)
        return condition, [*params, wanted]


def one_of(column: str, wanted: list[str], connection: BaseDatabaseWrapper) -> tuple[str, Any]:
    """The same for SQL that is written by hand: the condition upon a quoted column, and its parameter."""
    if connection.vendor == "postgresql":
        return f"({column} = ANY(%s))", wanted
    return f"({column} IN (SELECT value FROM json_each(%s)))", json.dumps(wanted)  # noqa: S608  a quoted column


def _spelled(text: str) -> list[Any]:
    """The number, truth value or null that the text is in JSON, if it is one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if isinstance(value, int | float) and not is_exact(value):
        return []
    return [value] if value is None or isinstance(value, bool | int | float) else []


def _of_kind(value: Any) -> tuple[str, list[Any]]:
    """The condition on a row of `json_each`, and its parameters."""
    if value is None or isinstance(value, bool):
        return "pair.type = %s", [json.dumps(value)]
    kinds = "('text')" if isinstance(value, str) else "('integer', 'real')"
    return f"pair.type IN {kinds} AND pair.atom = %s", [value]
