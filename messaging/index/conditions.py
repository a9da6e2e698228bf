"""Conditions upon what a row holds and upon its index keys, with the same answer on both databases.

To compile one never asks the database anything.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from messaging.sql.conditions import Sql
from messaging.values.json import dumps

from .terms import index_terms_of, term

__all__ = ["Facts", "HasKeys", "HasPair", "HasTexts", "spelled"]

Facts = Sequence[Sequence[bytes]]
"""Of each of these choices a row must have one fact."""


class HasTexts(Func):
    """The list of texts in a column has any of these, or with `every_one` all of them, character by
    character."""

    output_field = BooleanField()

    def __init__(self, column: str, texts: Sequence[str], *, every_one: bool = False) -> None:
        super().__init__(F(column))
        self.texts, self.every_one = list(texts), every_one

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, *self.texts, self.every_one)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        column, params = compiler.compile(self.source_expressions[0])
        operator = "?&" if self.every_one else "?|"
        return f"COALESCE({column} {operator} %s, false)", [*params, self.texts]

    def as_sqlite(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Sql:
        column, params = compiler.compile(self.source_expressions[0])
        # One parameter, however many are wanted: an expression of SQLite is 1,000 deep at most.
        wanted = "SELECT 1 FROM json_each(%s) AS wanted WHERE wanted.value"
        having = f"(SELECT value FROM json_each({column}))"  # noqa: S608  a column, compiled by Django
        if self.every_one:
            none_missing = f"NOT EXISTS ({wanted} NOT IN {having})"
            return f"({column} IS NOT NULL AND {none_missing})", [*params, json.dumps(self.texts), *params]
        return f"EXISTS ({wanted} IN {having})", [json.dumps(self.texts), *params]


class HasPair(Func):
    """The JSON object in a column has this key at its top, with this text or the scalar that it spells.

    So `3` finds both `3` and `"3"`. What is merged into the column counts at any depth: see IndexTermsField.
    """

    output_field = BooleanField()

    def __init__(self, column: str, key: str, text: str) -> None:
        super().__init__(F(column))
        self.column, self.key, self.values = column, key, spelled(text)

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.key, json.dumps(self.values))

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> Any:
        resolved = super().resolve_expression(query, *args, **kwargs)
        held = index_terms_of(query.model)
        merged = [F(name) for name in (held.merged_into(self.column) if held else ())]
        others = [column.resolve_expression(query, *args, **kwargs) for column in merged]
        resolved.set_source_expressions([*resolved.get_source_expressions(), *others])
        return resolved

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        column, *merged = (compiler.compile(part) for part in self.get_source_expressions())
        path = f"$.**.{json.dumps(self.key)} ? (@ == $value)"
        tests, params = [], []
        for value in self.values:
            tests.append(f"({column[0]}::jsonb) @> %s::jsonb")
            params += [*column[1], json.dumps({self.key: value})]
            for other in merged:
                tests.append(f"jsonb_path_exists({other[0]}::jsonb, %s::jsonpath, %s::jsonb)")
                params += [*other[1], path, json.dumps({"value": value})]
        return f"COALESCE({' OR '.join(tests)}, false)", params

    def as_sqlite(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Sql:
        kinds = [_of_kind(value) for value in self.values]
        either = " OR ".join(condition for condition, _ in kinds)
        having = f"AS pair WHERE pair.key = %s AND ({either}))"
        tests, params = [], []
        for number, part in enumerate(self.get_source_expressions()):
            column, given = compiler.compile(part)
            each = "json_tree" if number else "json_each"
            tests.append(f"EXISTS (SELECT 1 FROM {each}({column}) {having}")  # noqa: S608
            params += [*given, self.key, *(value for _, values in kinds for value in values)]
        return f"({' OR '.join(tests)})", params


class HasKeys(Func):
    """The row has the index keys of these facts within one of these scopes, ids of one kind."""

    output_field = BooleanField()

    def __init__(self, scopes: Sequence[str], wanted: Facts) -> None:
        super().__init__(F("index_terms"))
        self.scopes, self.wanted = tuple(scopes), tuple(map(tuple, wanted))

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.scopes, self.wanted)

    @property
    def choices(self) -> list[list[int]]:
        """Of each of these the row must have one key; those that all rows must have stand alone."""
        return [[term(scope, fact) for fact in facts for scope in self.scopes] for facts in self.wanted]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        column, _ = compiler.compile(self.source_expressions[0])
        musts = [keys[0] for keys in self.choices if len(keys) == 1]
        conditions = [("@>", musts)] if musts else []
        conditions += [("&&", keys) for keys in self.choices if len(keys) != 1]
        sql = " AND ".join(f"{column} {operator} %s::bigint[]" for operator, _ in conditions)
        return f"({sql})", [keys for _, keys in conditions]

    def as_sqlite(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Sql:
        column, _ = compiler.compile(self.source_expressions[0])
        held = f"SELECT value FROM json_each({column})"  # noqa: S608  a column, compiled by Django
        musts = [keys[0] for keys in self.choices if len(keys) == 1]
        wanted = "EXISTS (SELECT 1 FROM json_each(%s) AS wanted WHERE wanted.value"
        conditions = [(f"NOT {wanted} NOT IN ({held}))", musts)] if musts else []
        conditions += [(f"{wanted} IN ({held}))", keys) for keys in self.choices if len(keys) != 1]
        sql = " AND ".join([f"{column} IS NOT NULL", *(condition for condition, _ in conditions)])
        return f"({sql})", [dumps(keys).decode() for _, keys in conditions]


def spelled(text: str) -> list[Any]:
    """The text, and the number, truth value or null that it is in JSON, if it is one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    if isinstance(value, float) and not math.isfinite(value):
        return [text]
    return [text, value] if value is None or isinstance(value, bool | int | float) else [text]


def _of_kind(value: Any) -> Sql:
    """The condition on a row of `json_each`, and its parameters."""
    if value is None or isinstance(value, bool):
        return "pair.type = %s", [json.dumps(value)]
    if isinstance(value, str):
        return "pair.type = 'text' AND pair.atom = %s", [value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:  # SQLite itself reads it as a float
        return "pair.type IN ('integer', 'real') AND pair.atom = CAST(%s AS real)", [str(value)]
    return "pair.type IN ('integer', 'real') AND pair.atom = %s", [value]
