"""Optimistic locking: what somebody saw of a row is held against the row before it is written over.

The version of a row is a digest of each of the columns in question, not its `updated_at`: a conversation's
moves with every message, and nobody who edits a title meanwhile wants to hear of that.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from django.db.models import Model

from messaging.exceptions import ChangedMeanwhile
from messaging.values.json import dumps

Version = Mapping[str, str]
"""Names of columns, and the digest of the value that each was seen with."""

DIGITS = 16


def digest_of(value: object) -> str:
    """Of a value of a column. Times count to the second and line ends alike, as forms give them back."""
    match value:
        case datetime():
            value = value.astimezone(UTC).replace(microsecond=0)
        case str():
            value = value.replace("\r\n", "\n")
    return hashlib.sha256(dumps(value)).hexdigest()[:DIGITS]


def version_of(row: Model, names: Iterable[str]) -> dict[str, str]:
    """The version of a row as it is, of these columns."""
    return {name: digest_of(getattr(row, name)) for name in names}


def require_version(row: Model, expected: Version | None) -> None:
    """Raise ChangedMeanwhile unless the row is as it was seen; None for a writer who did not look.

    To be called with the row locked.
    """
    seen = expected or {}
    if changed := [name for name, digest in version_of(row, seen).items() if digest != seen[name]]:
        raise ChangedMeanwhile(changed)
