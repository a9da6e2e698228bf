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

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from messaging.sql.derived import DerivedField
from messaging.values.json import dumps

from .candidates import are_kept_of

if TYPE_CHECKING:  # generic to the type checker alone
    Field = models.Field[Any, Any]
else:
    from django.db.models import Field

__all__ = ["HERE", "IndexTermsField", "is_exact", "listed", "pair", "term"]

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

    Null in rows that were stored before there were terms, and on SQLite where no index reads them.
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
        if value is None or connection.vendor == "postgresql":
            return value
        return dumps(value).decode() if are_kept_of(self.model, connection) else None

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.to_python(value)

    def derive(self, row: models.Model) -> list[int]:
        scopes = [_hash(getattr(row, column).encode()) for column in self.scopes]
        return [scope ^ had for had in map(_hash, self.had_by(row)) for scope in scopes]

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


def _hash(text: bytes) -> int:
    return (_remembered if len(text) <= SHORT else _hashed)(text)


def _hashed(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)


_remembered = lru_cache(maxsize=10_000)(_hashed)
