"""A replica as strict as none: it refuses whatever a lagging, read-only database would get wrong.

`tests.settings_replica` routes to it; `strict_replica` puts it in the place of the connection for one test.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse

from messaging.sql import databases
from tests.tenancy import is_of_product

__all__ = ["NoteMethod", "Router", "strict_replica"]

APPS = frozenset({"parley", "parley_threads"})
READS = re.compile(r"\s*(SELECT|WITH|EXPLAIN|BEGIN DEFERRED|ROLLBACK|SET TRANSACTION|SAVEPOINT|RELEASE)\b")
WRITES = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE|LOCK TABLE)\b")
DECIDING = re.compile(r"\bparley_(apikey|idempotencyrecord|ratewindow)")
READING_SERVICES = ("items.py", "reading.py", "inlining.py", "token_budget.py", "transactions.py")
READING_FUNCTION = "batches"
"""It hands on what others read."""

_method: ContextVar[str] = ContextVar("method", default="GET")


class Router:
    """Reads of the store go to the replica, everything else to the primary."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        return "replica" if model._meta.app_label in APPS else "default"

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: models.Model, second: models.Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


class NoteMethod:
    """Lets the replica know whether the request that reads from it is one that writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _method.set(str(request.method))
        try:
            return self.get_response(request)
        finally:
            _method.reset(token)


@contextmanager
def strict_replica() -> Iterator[list[str]]:
    """Within, this thread reads of a strict replica; yields what that had to refuse."""
    refused: list[str] = []
    real, usual = connections["replica"], databases.in_transaction
    connections["replica"] = _replica_of(connections["default"], refused)
    databases.in_transaction = _in_transaction_of_ours
    try:
        yield refused
    finally:
        connections["replica"], databases.in_transaction = real, usual


def _replica_of(primary: BaseDatabaseWrapper, refused: list[str]) -> BaseDatabaseWrapper:
    """The same connection in the same state, under another name and with a guard of its own."""

    def guard(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if is_of_product(sys._getframe(1)) and (reason := _reason_against(str(sql))):
            refused.append(f"{reason}: {sql}")
            raise AssertionError(refused[-1])
        return execute(sql, *rest)

    kind = type(
        "Replica",
        (type(primary),),
        {
            "alias": property(lambda self: "replica"),
            "execute_wrappers": property(lambda self: [*primary.execute_wrappers, guard]),
            # Whoever counts statements gives each connection a maker of cursors, and these two share theirs.
            "make_cursor": property(lambda self: partial(_cursor, self), lambda self, maker: None),
        },
    )
    replica: BaseDatabaseWrapper = object.__new__(kind)
    replica.__dict__ = primary.__dict__
    return replica


def _cursor(replica: BaseDatabaseWrapper, cursor: Any) -> CursorWrapper:
    return CursorWrapper(cursor, replica)


def _reason_against(sql: str) -> str:
    if not READS.match(sql) or WRITES.search(sql):
        return "a replica takes no writes and no locks"
    if DECIDING.search(sql):
        return "keys, kept answers and counters are read from the primary"
    if _method.get() not in ("GET", "HEAD", "OPTIONS"):
        return "a request that writes reads from the primary"
    if service := _service():
        return f"a service that writes reads from the primary ({service})"
    return ""


def _service() -> str:
    """The service that runs, if it is one that writes."""
    frame = sys._getframe(1)
    while frame:
        file = frame.f_code.co_filename
        name = frame.f_code.co_qualname
        is_reading = file.endswith(READING_SERVICES) or name == READING_FUNCTION
        if "/messaging/services/" in file and not is_reading:
            return name
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def _in_transaction_of_ours(alias: str) -> bool:
    """Whether a transaction is open beside that of the test."""
    blocks: list[Any] = connections[alias].atomic_blocks
    return any(not block._from_testcase for block in blocks)
