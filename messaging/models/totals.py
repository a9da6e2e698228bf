"""The number of conversations and messages of a workspace: triggers keep it, so every writer does.

All writers of a workspace would wait for one counter row. So on PostgreSQL a workspace has several rows in
`parley_workspace_total`, and their sum is the total: a trigger changes a row that no other transaction has
locked, or adds one. SQLite has one writer at a time, hence one row for each workspace.
"""

from collections.abc import Collection
from functools import partial
from typing import Literal, get_args

from django.db import connections

from messaging.index.sources import keep_total
from messaging.sql.conditions import one_of
from messaging.sql.databases import read_database
from messaging.sql.statements import Statement

from .conversation import Conversation
from .message import Message

Counted = Literal["conversations", "messages", "messages - superseded"]
Workspaces = Collection[str] | None

FORGET = "DELETE FROM parley_workspace_total"
ADD_UP = (
    "INSERT INTO parley_workspace_total (workspace_id, conversations, messages, superseded)"
    " SELECT workspace_id, COUNT(*), SUM(message_count), SUM(superseded_count) FROM parley_conversation"
    " GROUP BY workspace_id"
)
SUM = "SELECT CAST(COALESCE(SUM({column}), 0) AS bigint) FROM parley_workspace_total"
OF_ONE = {
    column: Statement(
        f"{SUM.format(column=column)} WHERE workspace_id = %s", columns=(), conversations=Conversation
    )
    for column in get_args(Counted)
}
OF_CONVERSATION = Statement(
    "SELECT {columns} FROM {conversations} WHERE workspace_id = %s AND id = %s",
    columns=("message_count", "superseded_count"),
    conversations=Conversation,
)


def kept_total(column: Counted, workspaces: Workspaces) -> int:
    """How many conversations, messages or messages of current branches these workspaces hold together; with
    None, the whole store."""
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
    return sum(_counted_in(workspaces, conversation_id))


def _current_in(*, workspaces: Workspaces, conversation_id: str) -> int:
    return _counted_in(workspaces, conversation_id)[0]


def _counted_in(workspaces: Workspaces, conversation_id: str) -> tuple[int, int]:
    """(messages of the current branch, those that others took the place of)."""
    if workspaces is not None and len(workspaces) == 1:
        rows = OF_CONVERSATION.rows(read_database(Conversation), [*workspaces, conversation_id])
    else:
        named = Conversation.objects.filter(pk=conversation_id)
        named = named if workspaces is None else named.filter(workspace__in=workspaces)
        rows = list(named.values_list("message_count", "superseded_count"))
    messages, superseded = rows[0] if rows else (0, 0)
    return int(messages - superseded), int(superseded)


keep_total(Conversation, partial(kept_total, "conversations"))
keep_total(Message, partial(kept_total, "messages"))
keep_total(Message, partial(kept_total, "messages - superseded"), superseded_by=False)
keep_total(Message, _messages_in, conversation_id=True)
keep_total(Message, _current_in, conversation_id=True, superseded_by=False)
