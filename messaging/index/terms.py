"""Index keys of a row: what an index of posting lists holds of it, next to the trigrams of its text.

A key stands for one fact of a row, such as a tag, a pair of its meta data or its role, within one workspace
or one conversation. A further key in each of these says that the row is there at all. A row keeps its keys in
one array, `index_terms`: on PostgreSQL a GIN index holds it together with the trigrams of the text, on SQLite
triggers copy it into a table of posting lists, see `postings`. A filter so reads the posting list of its own
tenant alone, and never intersects with all that the workspace has.

A key is a hash of 64 bits, and it is trusted: two facts of one workspace that share a hash are taken for one.
The condition upon the workspace itself keeps out the rows of others.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from math import isfinite
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.sql.conditions import Sql
from messaging.sql.derived import NULLABLE, Deconstructed, DerivedField
from messaging.values.json import dumps
from messaging.values.text import normalized

if TYPE_CHECKING:  # generic to the type checker alone
    Field = models.Field[Any, Any]
else:
    from django.db.models import Field


SHORT = 100
"""Bytes of a fact whose hash is worth remembering: what comes again and again is short."""

PRESENT = b""
"""The fact that every row has."""

SCALARS = (str, bool, int, float)


def listed(column: str, text: str) -> bytes:
    """The fact that the list in this column has this text, however its characters are composed."""
    return dumps([column, normalized(text, "NFC")])


def pair(column: str, key: str, value: Any) -> bytes | None:
    """The fact that the object in this column has this key with this scalar; None for what is no scalar.

    Equal numbers are one: `1`, `1.0`.
    """
    if isinstance(value, float):
        if not isfinite(value):
            return None
        value = _whole(value)
    is_scalar = value is None or isinstance(value, SCALARS)
    return dumps([column, key, value]) if is_scalar else None


# The keys within the narrower of two scopes are every second one. SQLite has no operator for XOR.
RESCOPED = """
CASE WHEN {column} IS NOT NULL THEN ARRAY(
  SELECT CASE WHEN number %% 2 = 0 THEN key # %s ELSE key END
  FROM unnest({column}) WITH ORDINALITY AS keys (key, number) ORDER BY number
) END"""
RESCOPED_ON_SQLITE = """
CASE WHEN {column} IS NOT NULL THEN (
  SELECT json_group_array(CASE WHEN key %% 2 THEN (value | %s) & ~(value & %s) ELSE value END)
  FROM json_each({column})
) END"""


def scalar(column: str, value: str) -> bytes:
    """The fact that this column holds this value."""
    return dumps({column: value})


def term(scope: str, fact: bytes) -> int:
    """The key of a fact within a workspace or a conversation."""
    return _hash(scope.encode()) ^ _hash(fact)


class IndexTermsField(DerivedField, Field):
    """The index keys of a row. This declaration says what the posting lists of its table hold.

    There is one key for the row itself, one for each text in the columns `lists`, one for each scalar at the
    top of the objects in the columns `objects`, and one for each value of the columns `values`, all within
    each of the `scopes`: columns with ids, the workspace first and the narrowest last. A value that nearly
    every row has, as `usual` names it by column, has no key: the order of time finds it as fast.

    `merged` names columns whose objects are shown as part of another one: a filter of that column finds the
    scalars in them, at whatever depth.

    Migrations name this class and its arguments, so they stay as they are.

    Null in rows that were stored by hand: `fill_index_terms` gives them theirs.
    """

    constants = NULLABLE

    def __init__(
        self,
        *,
        scopes: Sequence[str],
        lists: Sequence[str] = (),
        objects: Sequence[str] = (),
        values: Sequence[str] = (),
        usual: Mapping[str, str] | None = None,
        merged: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.scopes, self.lists, self.objects, self.values = scopes, lists, objects, values
        self.usual, self.merged = dict(usual or {}), dict(merged or {})
        self.sources = (*scopes, *lists, *objects, *values, *self.merged)
        super().__init__(**kwargs)

    def deconstruct(self) -> Deconstructed:
        name, path, args, kwargs = super().deconstruct()
        own = {key: list(getattr(self, key)) for key in ("scopes", "lists", "objects", "values")}
        given = own | {"usual": self.usual, "merged": self.merged}
        return name, path, args, kwargs | {key: value for key, value in given.items() if value}

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bigint[]" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None or connection.vendor == "postgresql":
            return value
        return dumps(value).decode()

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.to_python(value)

    def derive(self, row: models.Model) -> list[int]:
        scopes = [_hash(getattr(row, column).encode()) for column in self.scopes]
        return [scope ^ fact for fact in map(_hash, self.facts_of(row)) for scope in scopes]

    def facts_of(self, row: models.Model) -> Iterator[bytes]:
        """The facts of a row, the first of which is PRESENT."""
        yield PRESENT
        for column in self.values:
            if (value := getattr(row, column)) is not None and value != self.usual.get(column):
                yield scalar(column, value)
        for column in self.lists:
            if stored := getattr(row, column):
                yield from (listed(column, text) for text in stored if isinstance(text, str))
        for column in self.objects:
            if isinstance(stored := getattr(row, column), dict):
                yield from _pairs(column, stored.items())
        for column, shown_as in self.merged.items():
            if stored := getattr(row, column):
                yield from _pairs(shown_as, _members(stored))

    def merged_into(self, column: str) -> list[str]:
        """The columns whose objects are shown as part of this one."""
        return [name for name, shown_as in self.merged.items() if shown_as == column]

    # What dumpdata writes and loaddata reads.
    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        return orjson.loads(value) if isinstance(value, str) else value


def index_terms_of(model: type[models.Model]) -> IndexTermsField | None:
    """The declaration of what the posting lists of this table hold; None where it has none."""
    return next((field for field in model._meta.fields if isinstance(field, IndexTermsField)), None)


def rescoped(column: str, old: str, new: str, using: str) -> Sql:
    """The index keys in a column, of a row of two scopes, once the narrower one, of this id, is another."""
    change = _hash(old.encode()) ^ _hash(new.encode())
    if connections[using].vendor == "postgresql":
        return RESCOPED.format(column=column), (change,)
    return RESCOPED_ON_SQLITE.format(column=column), (change, change)


def _pairs(column: str, members: Iterable[tuple[str, object]]) -> Iterator[bytes]:
    """The facts of the members whose values are scalars."""
    return (fact for key, value in members if (fact := pair(column, key, value)) is not None)


def _members(value: object) -> Iterator[tuple[str, object]]:
    """The members of every object within a JSON value."""
    if isinstance(value, dict):
        yield from value.items()
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _members(child)


def _whole(number: float) -> int | float:
    """A number without fraction as the integer that its shortest spelling names, as the databases read it."""
    if not number.is_integer():
        return number
    return int(Decimal(repr(number)))


def _hash(text: bytes) -> int:
    return (_remembered if len(text) <= SHORT else _hashed)(text)


def _hashed(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)


_remembered = lru_cache(maxsize=10_000)(_hashed)
