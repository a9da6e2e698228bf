"""How many memories there are, for who may see them."""

from typing import NamedTuple

from django.http import HttpRequest

from messaging.models import Memory, MemoryQuerySet, Workspace
from messaging.rights import visible_to
from messaging.values.words import grouped

VIEW_MEMORIES = "parley.view_memory"
MOST = 10_000
"""Up to so many are counted: a page of figures does not read a table."""


class MemoryFigures(NamedTuple):
    """Numbers as they are written."""

    live: str
    hidden: str


def memory_figures(request: HttpRequest, workspace: Workspace | None) -> MemoryFigures | None:
    """Of a workspace, or of all that the user sees; None for a user who may not see memories."""
    if not request.user.has_perm(VIEW_MEMORIES):
        return None
    rows: MemoryQuerySet = visible_to(request.user, Memory.objects.order_by())
    if workspace is not None:
        rows = rows.for_workspace(workspace.pk)
    return MemoryFigures(_counted(rows.live()), _counted(rows.hidden()))


def _counted(rows: MemoryQuerySet) -> str:
    number = rows[: MOST + 1].count()
    return f"{grouped(MOST)}+" if number > MOST else grouped(number)
