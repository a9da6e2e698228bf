"""Having PostgreSQL compare the vectors of memories, by the extension pgvector, and no longer."""

from messaging.models import Workspace
from messaging.services.transactions import atomic, write_database
from messaging.sql import pgvector
from messaging.sql.running import rows_of

AT_ONCE = 500
"""Memories that are given their vectors in one transaction."""


def add_vectors() -> int:
    """Give every memory its vector, and every later one; returns how many there were to be filled.

    Memories can be written meanwhile, and are compared in the process until all have theirs. What was broken
    off is continued. The extension must be there.
    """
    with atomic():
        _run(pgvector.ADD)
    workspaces = Workspace.objects.using(write_database()).order_by("pk").values_list("pk", flat=True)
    number = sum(_fill(pk) for pk in list(workspaces))
    with atomic():
        _run(pgvector.CONFIRM)
    return number


def remove_vectors() -> None:
    """Take them all away: memories are compared in the process from here on."""
    with atomic():
        _run(pgvector.REMOVE)


def _fill(workspace_id: str) -> int:
    number = 0
    while True:
        with atomic():
            filled = len(rows_of(pgvector.FILL, [workspace_id, workspace_id, AT_ONCE], write_database()))
        if not filled:
            return number
        number += filled


def _run(statements: list[str]) -> None:
    for statement in statements:
        rows_of(statement, [], write_database())
