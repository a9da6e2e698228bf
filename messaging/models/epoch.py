"""The epoch of the changes: within one their order is known, and positions of another say nothing.

A restored backup hands out numbers that readers know already, so it begins an epoch. A restore into another
cluster of PostgreSQL does so by itself, because the identity of the cluster is part of the epoch.
"""

import hashlib
from typing import Any

from django.db import connections

from messaging.sql.running import rows_of

__all__ = ["EPOCH_TABLE", "current_epoch", "epoch_in", "identity_of"]

EPOCH_TABLE = "parley_change_epoch"
"""Its one row: `epoch`, the cluster that it began in, and the position up to which changes were removed."""
HEX_DIGITS = 12
IDENTITY = "_parley_identity"
"""Where a connection of Django keeps it, with the connection of the driver that it belongs to."""


def current_epoch(using: str) -> str:
    """The epoch of positions in this database."""
    [(drawn,)] = rows_of(f"SELECT epoch FROM {EPOCH_TABLE}", [], using)  # noqa: S608  constant
    return epoch_in(using, drawn)


def epoch_in(using: str, drawn: str) -> str:
    """The epoch that these random digits of the database stand for in its present cluster."""
    return hashlib.sha256(f"{drawn}:{identity_of(using)}".encode()).hexdigest()[:HEX_DIGITS]


def identity_of(using: str) -> str:
    """What tells a cluster of PostgreSQL from others; empty on SQLite, and where the role may not ask."""
    connection: Any = connections[using]
    if connection.vendor != "postgresql":
        return ""
    connection.ensure_connection()
    known = getattr(connection, IDENTITY, None)
    if known is None or known[0] is not connection.connection:
        known = (connection.connection, _identity(using))
        setattr(connection, IDENTITY, known)
    return str(known[1])


def _identity(using: str) -> str:
    [(may_ask,)] = rows_of("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')", [], using)
    if not may_ask:
        return ""
    [(identity,)] = rows_of("SELECT system_identifier::text FROM pg_control_system()", [], using)
    return str(identity)
