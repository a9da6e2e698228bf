"""How many messages a workspace holds, which every page of all of them shows."""

from functools import cache

from django.db import connections, router

from .conversation import Conversation
from .statements import Statement

__all__ = ["kept_total"]

SUM = "SELECT CAST(COALESCE(SUM({column}), 0) AS bigint) FROM {table} WHERE workspace_id = %s"
# Of PostgreSQL: the triggers of migration 0011 keep it. A few dozen rows a workspace, however many
# conversations it has, of which 10,000 took 3 ms to add up.
KEPT = {"postgresql": SUM.format(column="messages", table="messaging_message_total")}
ADDED_UP = SUM.format(column="message_count", table="{conversations}")


def kept_total(*, workspace_id: str) -> int:
    """How many messages the conversations of a workspace hold together."""
    using = router.db_for_read(Conversation)
    [(total,)] = _statement(connections[using].vendor).rows(using, [workspace_id])
    return int(total)


@cache
def _statement(vendor: str) -> Statement:
    return Statement(KEPT.get(vendor, ADDED_UP), columns=(), conversations=Conversation)
