"""Conditions upon what a row holds and upon its index keys, with the same answer on both databases.

To compile one never asks the database anything.
"""

import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.sql.compiler import SQLCompiler

from messaging.sql.conditions import Sql
from messaging.values.json import dumps

from .terms import index_terms_of, term

Facts = Sequence[Sequence[bytes]]
"""Of each of these choices a row must have one fact."""


class _HasEach(Func):
    """The list in a column has one value of each of these choices."""

    output_field = BooleanField()
    has_all: str
    has_any: str
    """Operators of PostgreSQL, with their parameter."""

    def __init__(self, column: str, choices: Iterable[Iterable[Any]]) -> None:
        super().__init__(F(column))
        self.choices = tuple(map(tuple, choices))

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.choices)

    @property
    def wanted(self) -> list[tuple[bool, list[Any]]]:
        """(whether the list must have all of them, values): what it must have for sure is one condition."""
        musts = [choice[0] for choice in self.choices if len(choice) == 1]
        several = [(False, list(choice)) for choice in self.choices if len(choice) != 1]
        return [(True, musts), *several] if musts or not several else several

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        column, _ = compiler.compile(self.source_expressions[0])
        wanted = self.wanted
        sql = " AND ".join(f"{column} {self.has_all if every else self.has_any}" for every, _ in wanted)
        return f"({sql})", [values for _, values in wanted]

    def as_sqlite(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Sql:
        column, _ = compiler.compile(self.source_expressions[0])
        held = f"(SELECT value FROM json_each({column}))"  # noqa: S608  a column, compiled by Django
        # One parameter, however many are wanted: an expression of SQLite is 1,000 deep at most.
        given = "EXISTS (SELECT 1 FROM json_each(%s) AS wanted WHERE wanted.value"
        wanted = self.wanted
        conditions = [
            f"NOT {given} NOT IN {held})" if every else f"{given} IN {held})" for every, _ in wanted
        ]
        sql = " AND ".join([f"{column} IS NOT NULL", *conditions])
        return f"({sql})", [dumps(values).decode() for _, values in wanted]


class HasTexts(_HasEach):
    """The list of texts in a column has one of each of these choices, character by character."""

    has_all, has_any = "?& %s", "?| %s"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Sql:
        condition, params = super().as_postgresql(compiler, connection)
        return f"COALESCE({condition}, false)", params


class HasKeys(_HasEach):
    """The row has the index keys of these facts within one of these scopes, ids of one kind."""

    has_all, has_any = "@> %s::bigint[]", "&& %s::bigint[]"

    def __init__(self, scopes: Sequence[str], wanted: Facts) -> None:
        keys = [[term(scope, fact) for fact in facts for scope in scopes] for facts in wanted]
        super().__init__("index_terms", keys)


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
