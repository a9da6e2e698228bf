"""Conditions upon messages and conversations that an index of terms or of trigrams answers."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import FullResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func
from django.db.models.expressions import Col
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import AND, WhereNode

from messaging.values.text import fold, has_trigram

from .candidates import (
    Beside,
    Candidates,
    Frequency,
    are_kept_of,
    containing,
    having_all,
    having_any,
)
from .terms import HERE, IndexTermsField, term

__all__ = ["ByTerms", "HasTrigrams", "are_found"]

COMPARISONS = (Exact, In, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual)
SCOPES = ("workspace_id", "conversation_id")
RARER = 4
"""Times as frequent as another condition: beyond it SQLite reads the rows that the other leaves."""


class ByTerms(Func):
    """A condition upon one column that is answered from the terms where the query says whose rows it wants;
    subclasses say how it is answered otherwise, by `by_value`."""

    output_field = BooleanField()
    wanted: Sequence[Sequence[bytes]]
    """What a row must have: one of each choice. It is a single choice, or each names a single thing."""

    def __init__(self, column: str) -> None:
        super().__init__(F(column))
        self.frequencies: dict[tuple[str, Candidates, Beside], Frequency] = {}
        """What was counted for a statement, of use for the next one of the same query."""

    def by_value(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        """The same condition upon the column itself."""
        raise NotImplementedError

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        column = self.source_expressions[0]
        field = _terms_of(column)
        scopes = field and _scopes_named(compiler.query.where, column.alias, field.scopes)  # type: ignore[attr-defined]
        if not field or not scopes or not self.wanted:
            return self.by_value(compiler, connection)
        terms, _ = compiler.compile(Col(column.alias, field))  # type: ignore[attr-defined]
        musts, choices = self._terms(scopes)
        conditions = [("@>", musts)] if musts else []
        conditions += [("&&", choice) for choice in choices]
        sql = " AND ".join(f"{terms} {operator} %s::bigint[]" for operator, _ in conditions)
        return f"({sql})", [params for _, params in conditions]

    def _terms(self, scopes: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """(the terms that must all be there, further ones of each of which one must be)."""
        choices = [[term(scope, had) for had in choice for scope in scopes] for choice in self.wanted]
        return [one[0] for one in choices if len(one) == 1], [one for one in choices if len(one) != 1]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        """Asks the database first how frequent is what it looks for: to write such a query takes a query."""
        column: Any = self.source_expressions[0]
        where: WhereNode = compiler.query.where
        candidates = self._candidates(column, where, connection)
        if candidates is None:
            return self.by_value(compiler, connection)
        beside = _beside(where, column.alias, compiler)
        frequency = self._frequency(candidates, beside, connection)
        if self._is_read_of_rarer(where, beside, frequency, connection):
            return self.by_value(compiler, connection)
        # What two such conditions leave may be so rare that a walk would not come across it.
        is_alone = sum(isinstance(one.lhs, ByTerms) for one in _conditions(where)) == 1
        in_order = is_alone and bool(compiler.query.order_by)
        condition = candidates.condition(beside.table, frequency, in_order=in_order)
        return condition or self.by_value(compiler, connection)

    def _is_read_of_rarer(
        self, where: WhereNode, beside: Beside, frequency: Frequency, connection: BaseDatabaseWrapper
    ) -> bool:
        """Whether another such condition leaves so few rows that these are read: to gather all candidates of
        both took a second where they were half of a million."""
        others = (
            one.lhs for one in _conditions(where) if isinstance(one.lhs, ByTerms) and one.lhs is not self
        )
        for other in others:
            candidates = other._candidates(other.source_expressions[0], where, connection)
            if candidates is None:
                continue
            if other._frequency(candidates, beside, connection).candidates * RARER < frequency.candidates:
                return True
        return False

    def _candidates(
        self, column: Any, where: WhereNode, connection: BaseDatabaseWrapper
    ) -> Candidates | None:
        field = _terms_of(column)
        if not field or not are_kept_of(field.model, connection):
            return None
        workspaces, conversations = (_scopes_named(where, column.alias, [scope]) for scope in SCOPES)
        return self.candidates(workspaces, conversations)

    def candidates(self, workspaces: Sequence[str], conversations: Sequence[str]) -> Candidates | None:
        """Of what SQLite may choose in a query that names these; None where it has nothing to choose from."""
        if len(workspaces) != 1 or not self.wanted:
            return None
        musts, choices = self._terms(workspaces)
        if choices:
            return having_any(choices[0], workspaces, conversations)
        return having_all(musts, workspaces, conversations)

    def _frequency(
        self, candidates: Candidates, beside: Beside, connection: BaseDatabaseWrapper
    ) -> Frequency:
        key = (connection.alias, candidates, beside)
        if key not in self.frequencies:
            self.frequencies[key] = candidates.frequency(beside, connection)
        return self.frequencies[key]


class HasTrigrams(ByTerms):
    """True of every row whose folded text in a column may contain this one: lets a search begin with the rows
    that an index finds."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(column)
        self.text = fold(text)
        # PostgreSQL takes the trigrams from the search itself, and needs to be told where to look for them.
        self.wanted = ((HERE,),) if has_trigram(text) else ()

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.text)

    def by_value(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        raise FullResultSet

    def candidates(self, workspaces: Sequence[str], conversations: Sequence[str]) -> Candidates | None:
        return containing(self.text, workspaces, conversations)


def are_found(where: WhereNode) -> bool:
    """Whether an index of terms or of trigrams finds the rows of which this is true."""
    return any(isinstance(one.lhs, ByTerms) and one.lhs.wanted for one in _conditions(where))


def _terms_of(column: Any) -> IndexTermsField | None:
    """The terms of the table that this is a column of, if it is one and has some."""
    fields = column.target.model._meta.fields if isinstance(column, Col) else ()
    return next((field for field in fields if isinstance(field, IndexTermsField)), None)


def _scopes_named(where: WhereNode, alias: str, columns: Sequence[str]) -> list[str]:
    """The ids in the narrowest of these columns that a query confines itself to; none where it does not."""
    named: dict[str, list[str]] = {}
    for lookup in _conditions(where):
        if not isinstance(lookup, Exact | In):
            continue
        if isinstance(lookup.lhs, Col) and lookup.lhs.alias == alias and not hasattr(lookup.rhs, "as_sql"):
            ids = [lookup.rhs] if isinstance(lookup, Exact) else list(lookup.rhs)
            fewest = named.get(lookup.lhs.target.attname, ids)
            if len(ids) <= len(fewest) and all(isinstance(one, str) for one in ids):
                named[lookup.lhs.target.attname] = ids
    return next((named[column] for column in reversed(columns) if column in named), [])


def _beside(where: WhereNode, alias: str, compiler: SQLCompiler) -> Beside:
    """What else is asked of the columns of this table, by comparisons that an index may serve."""
    lookups = [
        lookup
        for lookup in _conditions(where)
        if isinstance(lookup.lhs, Col) and lookup.lhs.alias == alias and not hasattr(lookup.rhs, "as_sql")
    ]
    compiled = [compiler.compile(lookup) for lookup in lookups]
    return Beside(
        sql=f"WHERE {' AND '.join(sql for sql, _ in compiled)}" if compiled else "",
        params=tuple(param for _, params in compiled for param in params),
        table=compiler.connection.ops.quote_name(alias),
        is_more=any(lookup.lhs.target.attname not in SCOPES for lookup in lookups),
    )


def _conditions(where: WhereNode) -> Iterator[Any]:
    """The comparisons that all rows pass: with a value, with several, or with a bound."""
    if where.negated or where.connector != AND:
        return
    for child in where.children:
        if isinstance(child, WhereNode):
            yield from _conditions(child)
        elif isinstance(child, COMPARISONS):
            yield child
