"""How many messages a workspace holds: kept by the database, whoever writes.

A counter in the row of the workspace would be one row that all its writers wait for. So on PostgreSQL each
change of a conversation's counter adds a row to `messaging_message_total`, which says how many came or went;
the total is their sum, and one change in some hundred puts those of its workspace together. On SQLite,
where one writes at a time, each workspace has one row.

Triggers do so (migration 0014), for 0.02 ms a message on PostgreSQL. To add up the counters of the
conversations, as before, took 43 ms where they were 100,000.
"""

from collections.abc import Collection

from django.db import connections, router

from .conversation import Conversation
from .lookups import one_of
from .statements import Statement

__all__ = ["ADD_UP", "FORGET", "kept_total", "kept_total_of_all"]

SUM = "SELECT CAST(COALESCE(SUM(messages), 0) AS bigint) FROM messaging_message_total"
FORGET = "DELETE FROM messaging_message_total"
ADD_UP = (
    "INSERT INTO messaging_message_total (workspace_id, messages)"
    " SELECT workspace_id, SUM(message_count) FROM messaging_conversation GROUP BY workspace_id"
)
TOTAL = Statement(f"{SUM} WHERE workspace_id = %s", columns=(), conversations=Conversation)


def kept_total(*, workspace_id: str) -> int:
    """How many messages the conversations of a workspace hold together, which every page of it shows."""
    [(total,)] = TOTAL.rows(router.db_for_read(Conversation), [workspace_id])
    return int(total)


def kept_total_of_all(workspace_ids: Collection[str] | None = None) -> int:
    """The same of several workspaces together, or of the whole store."""
    connection = connections[router.db_for_read(Conversation)]
    condition, params = "", []
    if workspace_ids is not None:
        text, value = one_of("workspace_id", list(workspace_ids), connection)
        condition, params = f" WHERE {text}", [value]
    with connection.cursor() as cursor:
        cursor.execute(SUM + condition, params)
        [(total,)] = cursor.fetchall()
    return int(total)
