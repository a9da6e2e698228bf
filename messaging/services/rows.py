"""A row that is changed: locked, held against what somebody saw of it, and written.

The version of a row is a digest of each of the columns in question, not its `updated_at`: a conversation's
moves with every message, and nobody who edits a title meanwhile wants to hear of that.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Model

from messaging.exceptions import ChangedMeanwhile, InvalidValue, NotFound
from messaging.index.querysets import StoreQuerySet, TenantQuerySet
from messaging.sql.derived import derived_columns
from messaging.values.json import dumps
from messaging.values.limits import LIMITED
from messaging.values.text import with_plain_line_ends

Version = Mapping[str, str]
"""Names of columns, and the digest of the value that each was seen with."""

DIGITS = 16
Row = TypeVar("Row", bound=Model)


def digest_of(value: object) -> str:
    """Of a value of a column. Times count to the second and line ends alike, as forms give them back."""
    match value:
        case datetime():
            value = value.astimezone(UTC).replace(microsecond=0)
        case str():
            value = with_plain_line_ends(value)
    return hashlib.sha256(dumps(value)).hexdigest()[:DIGITS]


def version_of(row: Model, names: Iterable[str]) -> dict[str, str]:
    """The version of a row as it is, of these columns."""
    return {name: digest_of(getattr(row, name)) for name in names}


def require_version(row: Model, expected: Version | None) -> None:
    """Raise ChangedMeanwhile unless the locked row is as it was seen; None for a writer who did not look."""
    seen = expected or {}
    if changed := [name for name, digest in version_of(row, seen).items() if digest != seen[name]]:
        raise ChangedMeanwhile(changed)


def require_editable(names: Iterable[str], editable: Collection[str]) -> None:
    """Raise TypeError for a column that is not the caller's to change: a fault of the code that calls."""
    if refused := sorted(set(names) - set(editable)):
        raise TypeError(f"not editable: {', '.join(refused)}")


def require_within_limits(values: Mapping[str, Any], *at: str | int) -> None:
    """Raise InvalidValue for more tags or keys than the index takes; `at` is where the values stand."""
    for name, problem_of in LIMITED.items():
        value = values.get(name)
        if value and (problem := problem_of(value)):
            raise InvalidValue(("body", *at, name), problem, "too_long")


def differing(row: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of these values that the row does not hold already: an update without any touches nothing."""
    return {name: value for name, value in values.items() if not is_same(getattr(row, name), value)}


def is_same(stored: object, given: object) -> bool:
    """Whether two values of a column are equal as JSON: in any order of keys, and `1` is not `true`."""
    match stored, given:
        case dict(), dict():
            same_keys = stored.keys() == given.keys()
            return same_keys and all(is_same(value, given[key]) for key, value in stored.items())
        case list(), list():
            return len(stored) == len(given) and all(map(is_same, stored, given))
        case ((int() | float()), (int() | float())):
            return type(stored) is type(given) and stored == given
    return stored == given


def locked(rows: StoreQuerySet[Row], missing: type[NotFound], expected: Version | None = None) -> Row:
    """The one row, locked until the transaction ends. Raises `missing` without one, and ChangedMeanwhile."""
    row = rows.select_for_update().first()
    if row is None:
        raise missing
    require_version(row, expected)
    return row


def locked_ids(rows: TenantQuerySet[Any]) -> list[str]:
    """The ids of these rows, which are locked, always in the same order."""
    return list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))


def write(rows: TenantQuerySet[Row], row: Row, values: Mapping[str, Any]) -> None:
    """Give one of these rows new values and what follows from them, in the database and in memory."""
    for name, value in values.items():
        setattr(row, name, value)
    if values:
        rows.filter(pk=row.pk).update(**values, **derived_columns(row, values))
