"""Whether the service can do its work: the database answers, is migrated and takes writes."""

import os
from functools import cache
from typing import cast

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import JsonResponse
from psycopg import Connection

__all__ = ["readiness", "why_not_ready"]

MigrationName = tuple[str, str]
"""App and name."""

LEAST_FREE_BYTES = 16 * 1024 * 1024
"""A disk with less room than this is full."""
NOW = {"Cache-Control": "no-store"}
# PostgreSQL tells its clients of them without being asked.
REFUSING = (b"in_hot_standby", b"default_transaction_read_only")


def readiness() -> JsonResponse:
    """The answer to `/readyz`: 200, or 503 with the reason."""
    if reason := why_not_ready():
        return JsonResponse({"ready": False, "reason": reason}, status=503, headers=NOW)
    return JsonResponse({"ready": True}, headers=NOW)


def why_not_ready() -> str:
    """What keeps the service from its work; empty if nothing does."""
    try:
        pending = _needed() - _applied()
        reason = _why_not_writable()
    except (DatabaseError, InterfaceError):
        return "The database cannot be reached"
    if pending:
        return f"Not migrated: {', '.join(f'{app}.{name}' for app, name in sorted(pending))}"
    return reason


@cache
def _needed() -> frozenset[MigrationName]:
    """The migrations of this version, which a process reads once."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _applied() -> set[MigrationName]:
    recorder = MigrationRecorder(connection)
    try:
        return set(recorder.migration_qs.values_list("app", "name"))
    except DatabaseError:
        return set(recorder.applied_migrations())  # none where the table does not exist yet


def _why_not_writable() -> str:
    """Why writes would fail, as far as that shows without one; empty if they would not."""
    if connection.vendor == "sqlite":
        return _why_no_write_to(str(connection.settings_dict["NAME"]))
    told = cast("Connection[object]", connection.connection).pgconn
    if any(told.parameter_status(name) == b"on" for name in REFUSING):
        return "The database takes no writes"
    return ""


def _why_no_write_to(path: str) -> str:
    if not os.path.exists(path):  # a database in memory
        return ""
    if not os.access(path, os.W_OK):
        return "The file of the database cannot be written"
    disk = os.statvfs(path)
    if disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES:
        return "The disk of the database is full"
    return ""
