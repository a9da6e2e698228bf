"""Names of columns as a statement spells them."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connections, models

if TYPE_CHECKING:  # generic to the type checker alone
    Field = models.Field[Any, Any]
else:
    from django.db.models import Field


def field_of(model: type[models.Model], name: str) -> Field:
    """The column of this name; `pk` is the primary key."""
    field: Any = model._meta.pk if name == "pk" else model._meta.get_field(name)
    return field  # type: ignore[no-any-return]


@cache
def table_of(model: type[models.Model], using: str) -> str:
    return connections[using].ops.quote_name(model._meta.db_table)


@cache
def quoted(model: type[models.Model], names: tuple[str, ...], using: str, table: str = "") -> list[str]:
    """These columns, each once, and as those of a table where one is given."""
    quote = connections[using].ops.quote_name
    columns: Iterable[Any] = (field_of(model, name).column for name in names)
    return list(dict.fromkeys(f"{table}.{quote(column)}" if table else quote(column) for column in columns))


def ordered(columns: Iterable[str], *, descending: bool) -> str:
    """What follows ORDER BY: all in one direction."""
    return ", ".join(f"{column} {'DESC' if descending else 'ASC'}" for column in columns)
