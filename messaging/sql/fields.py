"""Column types that behave the same on SQLite and PostgreSQL.

Migrations import this module, so its path, and the names and arguments of its classes, stay as they are.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields.json import KeyTransform, KeyTransformFactory
from django.db.models.lookups import Contains
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from messaging.conf import parley_settings
from messaging.values.ids import new_id
from messaging.values.json import dumps
from messaging.values.text import fold

from .conditions import Sql
from .derived import Deconstructed, DerivedField

if TYPE_CHECKING:  # generic to the type checker alone
    CharField = models.CharField[Any, Any]
    TextField = models.TextField[Any, Any]
    JSONField = models.JSONField[Any, Any]
else:
    from django.db.models import CharField, JSONField, TextField


Parameters = dict[str, str | None]


MOST_BYTES_OF_A_CHARACTER = 4


def by_code_point(parameters: Parameters, connection: BaseDatabaseWrapper) -> Parameters:
    """The parameters of a column that is compared by code point."""
    return parameters | {"collation": "C"} if connection.vendor == "postgresql" else parameters


class CodePointField(CharField):
    """Text ordered and compared by code point, whatever the locale of the database.

    SQLite does so by itself; PostgreSQL needs collation C. Ids and foreign ids are of this kind.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        # Not spelled "varchar": Django would add a second index for LIKE, which collation C makes needless.
        if connection.vendor == "postgresql":
            return f"character varying({self.max_length})"
        return super().db_type(connection)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Parameters:
        return by_code_point(super().db_parameters(connection), connection)


class IdField(CodePointField):
    """Primary key holding a TypeID with the given prefix."""

    def __init__(self, *, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs |= {"primary_key": True, "max_length": 40, "editable": False}
        super().__init__(default=partial(new_id, prefix), **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for derived in ("default", "primary_key", "max_length", "editable"):
            kwargs.pop(derived, None)
        return name, path, list(args), kwargs | {"prefix": self.prefix}


class FoldedTextField(DerivedField, TextField):
    """The folded copy of another text column, for search.

    Both databases fold case differently, and differently from Python; a stored copy makes a search
    answer the same everywhere and lets PostgreSQL use a trigram index whatever its locale. It holds the
    beginning alone of a text beyond `INDEXED_TEXT_BYTES`: whoever writes waits for the index of what others
    have written.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        self.source = source
        self.sources = (source,)
        super().__init__(**kwargs)

    def deconstruct(self) -> Deconstructed:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"source": self.source}

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Parameters:
        return by_code_point(super().db_parameters(connection), connection)

    def derive(self, row: models.Model) -> str:
        return folded(getattr(row, self.source) or "")


@FoldedTextField.register_lookup
class ContainsFolded(Contains):
    """`contains` of a folded text.

    SQLite prepares a statement anew whenever a text is bound to its LIKE, and LIKE is the slower comparison.
    """

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        column, params = self.process_lhs(compiler, connection)
        return f"instr({column}, %s) > 0", (*params, self.rhs)


def folded(text: str) -> str:
    """The folded copy of a text, or of its beginning beyond `INDEXED_TEXT_BYTES`."""
    most = parley_settings().indexed_text_bytes
    copy = fold(text[:most])
    if len(copy) * MOST_BYTES_OF_A_CHARACTER <= most:
        return copy
    return copy.encode(errors="ignore")[:most].decode(errors="ignore")


class ExactJSONField(JSONField):
    """JSON that comes back as it went in: the order of keys, `1e16` and not seventeen digits.

    SQLite keeps the text; PostgreSQL does in a column of type json, where jsonb would rewrite it. Lookups of
    keys cast to jsonb on the way. Whole values cannot be compared there: `filter(column={...})` is an error.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "json" if connection.vendor == "postgresql" else super().db_type(connection)

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> object:
        if value is None or hasattr(value, "as_sql"):
            return super().get_db_prep_value(value, connection, prepared)
        return dumps(value).decode()

    def select_format(
        self, compiler: SQLCompiler, sql: str, params: tuple[Any, ...]
    ) -> tuple[str, tuple[Any, ...]]:
        # As text, which from_db_value parses; psycopg would parse the type json itself.
        return (f"{sql}::text" if compiler.connection.vendor == "postgresql" else sql), params

    def get_transform(self, lookup_name: str) -> Any:
        transform = super().get_transform(lookup_name)
        return partial(_Key, lookup_name) if isinstance(transform, KeyTransformFactory) else transform


class _Key(KeyTransform):
    """One key of a column of type json, read as jsonb."""

    def preprocess_lhs(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Sequence[Any], list[str]]:
        column, params, keys = super().preprocess_lhs(compiler, connection)
        return (f"{column}::jsonb" if connection.vendor == "postgresql" else column), params, keys


class TagsField(JSONField):
    """A list of strings, or null. HasTexts finds rows by them."""

    def validate(self, value: object, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is not None and not (isinstance(value, list) and all(isinstance(tag, str) for tag in value)):
            raise ValidationError(_('Give a list of texts, as in ["urgent", "refund"].'))


class ObjectField(ExactJSONField):
    """A JSON object, or null."""

    def validate(self, value: object, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is not None and not isinstance(value, dict):
            raise ValidationError(_('Give a JSON object, as in {"channel": "email"}.'))
