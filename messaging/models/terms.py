"""Index terms: under what a message or a conversation is found by its tags, its meta data and its text.

A term stands for one thing a row has, a tag or a key with a value, within one workspace or one conversation;
a further one for each of these says that the row is there at all. PostgreSQL keeps the terms of a row in one
array and indexes that together with the trigrams of the text. So a filter finds its rows in one entry of the
index: with entries for workspaces, conversations and tags of their own it intersected what the tag has with
all that the workspace has, 5 ms a query where that is a million messages. A search intersects what its
trigrams have with the entry of the conversation alone.

The hash is trusted: two facts of one workspace that share 64 bits, which takes some four billion attempts to
find, are taken for one. Rows of other workspaces are kept out by the condition upon the workspace itself.
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FullResultSet
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import AND, WhereNode

from messaging.jsontext import dumps

from .derived import DerivedField

if TYPE_CHECKING:  # generic to the type checker alone
    Field = models.Field[Any, Any]
else:
    from django.db.models import Field

__all__ = ["HERE", "ByTerms", "InScope", "IndexTermsField", "is_exact", "listed", "pair", "term"]

EXACT = 2**53
"""Beyond it SQLite and PostgreSQL no longer hold the same number."""
SHORT = 100
"""Characters of a text that is worth remembering: what is said again and again is short."""


HERE = b""
"""What every row has."""


def listed(column: str, text: str) -> bytes:
    """What a row has that lists this text in this column."""
    return dumps([column, text])


def pair(column: str, key: str, value: Any) -> bytes | None:
    """What a row has whose object in this column has this key with this scalar; None for what is no scalar.

    Numbers that are equal are the same: `1`, `1.0`.
    """
    if isinstance(value, float) and is_exact(value) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int | float)
    is_found = value is None or isinstance(value, str | bool) or (is_number and is_exact(value))
    return dumps([column, key, value]) if is_found else None


def term(scope: str, had: bytes) -> int:
    """The term of what a row has within a workspace or a conversation."""
    return _hash(scope.encode()) ^ _hash(had)


def is_exact(number: float) -> bool:
    """Whether both databases hold this number as it is."""
    return abs(number) <= EXACT


class IndexTermsField(DerivedField, Field):
    """The terms of a row, numbers of 64 bits.

    There is one for itself, one for each text in the columns `lists` and one for each scalar at the top of
    those in `objects`, within each of the `scopes`, columns with ids, the narrowest last.

    Null on SQLite, which has no such index, and in rows that were stored before there were terms.
    """

    def __init__(
        self, *, scopes: Sequence[str], lists: Sequence[str] = (), objects: Sequence[str] = (), **kwargs: Any
    ) -> None:
        self.scopes, self.lists, self.objects = scopes, lists, objects
        self.sources = (*scopes, *lists, *objects)
        super().__init__(**(kwargs | {"null": True, "editable": False}))

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for constant in ("null", "editable"):
            kwargs.pop(constant, None)
        own = {"scopes": list(self.scopes), "lists": list(self.lists), "objects": list(self.objects)}
        return name, path, list(args), kwargs | own

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bigint[]" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        return value if connection.vendor == "postgresql" else None

    def derive(self, row: models.Model) -> list[int]:
        scopes = [getattr(row, column) for column in self.scopes]
        return [term(scope, had) for had in self.had_by(row) for scope in scopes]

    def had_by(self, row: models.Model) -> Iterator[bytes]:
        """What a row has, as `listed` and `pair` spell it."""
        yield HERE
        for column in self.lists:
            yield from (listed(column, text) for text in getattr(row, column) or () if isinstance(text, str))
        for column in self.objects:
            given = getattr(row, column)
            items = given.items() if isinstance(given, dict) else ()
            found = (pair(column, key, value) for key, value in items)
            yield from (one for one in found if one is not None)

    # What dumpdata writes and loaddata reads.
    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class ByTerms(Func):
    """A condition upon one column that PostgreSQL answers from the terms where the query says whose rows it
    wants; subclasses say how it is answered otherwise, by `by_value`."""

    output_field = models.BooleanField()
    wanted: Sequence[Sequence[bytes]]
    """What a row must have: one of each of these choices."""

    def __init__(self, column: str) -> None:
        super().__init__(F(column))

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
        choices = [[term(scope, had) for had in choice for scope in scopes] for choice in self.wanted]
        # All that must be there in one parameter, however many they are.
        musts = [choice[0] for choice in choices if len(choice) == 1]
        conditions = [("@>", musts)] if musts else []
        conditions += [("&&", choice) for choice in choices if len(choice) != 1]
        sql = " AND ".join(f"{terms} {operator} %s::bigint[]" for operator, _ in conditions)
        return f"({sql})", [params for _, params in conditions]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.by_value(compiler, connection)


class InScope(ByTerms):
    """True of every row that has terms: it lets a search for text begin with the rows that the query confines
    itself to."""

    wanted = ((HERE,),)

    def by_value(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        raise FullResultSet


def _terms_of(column: Any) -> IndexTermsField | None:
    """The terms of the table that this is a column of, if it is one and has some."""
    fields = column.target.model._meta.fields if isinstance(column, Col) else ()
    return next((field for field in fields if isinstance(field, IndexTermsField)), None)


def _scopes_named(where: WhereNode, alias: str, columns: Sequence[str]) -> list[str]:
    """The ids in the narrowest of these columns that a query confines itself to; none where it does not."""
    named: dict[str, list[str]] = {}
    for lookup in _conditions(where):
        if isinstance(lookup.lhs, Col) and lookup.lhs.alias == alias and not hasattr(lookup.rhs, "as_sql"):
            ids = [lookup.rhs] if isinstance(lookup, Exact) else list(lookup.rhs)
            fewest = named.get(lookup.lhs.target.attname, ids)
            if len(ids) <= len(fewest) and all(isinstance(one, str) for one in ids):
                named[lookup.lhs.target.attname] = ids
    return next((named[column] for column in reversed(columns) if column in named), [])


def _conditions(where: WhereNode) -> Iterator[Any]:
    """The comparisons with one or several values that all rows pass."""
    if where.negated or where.connector != AND:
        return
    for child in where.children:
        if isinstance(child, WhereNode):
            yield from _conditions(child)
        elif isinstance(child, Exact | In):
            yield child


def _hash(text: bytes) -> int:
    return (_remembered if len(text) <= SHORT else _hashed)(text)


def _hashed(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)


_remembered = lru_cache(maxsize=10_000)(_hashed)
