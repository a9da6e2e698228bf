"""The number of conversations and messages of a workspace: triggers keep it, so every writer does.

All writers of a workspace would wait for one counter row. So on PostgreSQL a workspace has several rows in
`parley_workspace_total`, and their sum is the total: a trigger changes a row that no other transaction has
locked, or adds one. SQLite has one writer at a time, hence one row for each workspace.
"""

from collections.abc import Collection
from typing import Literal

from django.db import connections

from messaging.index.sources import keep_total
from messaging.sql.conditions import one_of
from messaging.sql.databases import read_database
from messaging.sql.statements import Statement

from .conversation import Conversation
from .message import Message

Counted = Literal["conversations", "messages"]
Workspaces = Collection[str] | None

FORGET = "DELETE FROM parley_workspace_total"
ADD_UP = (
    "INSERT INTO parley_workspace_total (workspace_id, conversations, messages)"
    " SELECT workspace_id, COUNT(*), SUM(message_count) FROM parley_conversation GROUP BY workspace_id"
)
SUM = "SELECT CAST(COALESCE(SUM({column}), 0) AS bigint) FROM parley_workspace_total"
OF_ONE = {
    column: Statement(
        f"{SUM.format(column=column)} WHERE workspace_id = %s", columns=(), conversations=Conversation
    )
    for column in ("conversations", "messages")
}
OF_CONVERSATION = Statement(
    "SELECT {columns} FROM {conversations} WHERE workspace_id = %s AND id = %s",
    columns=("message_count",),
    conversations=Conversation,
)


def kept_total(column: Counted, workspaces: Workspaces) -> int:
    """How many conversations or messages these workspaces hold together; with None, the whole store."""
    using = read_database(Conversation)
    if workspaces is None:
        return _of_the_store(column, using)
    if len(workspaces) == 1:
        [(total,)] = OF_ONE[column].rows(using, [*workspaces])
        return int(total)
    condition, wanted = one_of("workspace_id", list(workspaces), connections[using])
    with connections[using].cursor() as cursor:
        cursor.execute(f"{SUM.format(column=column)} WHERE {condition}", [wanted])
        return int(cursor.fetchone()[0])


def _of_the_store(column: Counted, using: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute(SUM.format(column=column))
        return int(cursor.fetchone()[0])


def _messages_in(*, workspaces: Workspaces, conversation_id: str) -> int:
    if workspaces is not None and len(workspaces) == 1:
        rows = OF_CONVERSATION.rows(read_database(Conversation), [*workspaces, conversation_id])
        return int(rows[0][0]) if rows else 0
    named = Conversation.objects.filter(pk=conversation_id)
    return (named if workspaces is None else named.filter(workspace__in=workspaces)).total_messages()


keep_total(Conversation, lambda workspaces: kept_total("conversations", workspaces))
keep_total(Message, lambda workspaces: kept_total("messages", workspaces))
keep_total(Message, _messages_in, "conversation_id")
