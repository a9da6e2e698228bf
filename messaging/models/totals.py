"""The number of conversations and messages of a workspace: triggers keep it, so every writer does.

All writers of a workspace would wait for one counter row. So on PostgreSQL a workspace has several rows in
`parley_workspace_total`, and their sum is the total: a trigger changes a row that no other transaction has
locked, or adds one. SQLite has one writer at a time, hence one row for each workspace.
"""

from collections.abc import Collection

from django.db import connections

from messaging.index.sources import keep_total
from messaging.sql.conditions import one_of
from messaging.sql.databases import read_database
from messaging.sql.statements import Statement

from .conversation import Conversation, kept_message_count
from .message import Message

__all__ = ["ADD_UP", "FORGET", "kept_conversation_count", "kept_total", "kept_total_of_all"]

FORGET = "DELETE FROM parley_workspace_total"
ADD_UP = (
    "INSERT INTO parley_workspace_total (workspace_id, conversations, messages)"
    " SELECT workspace_id, COUNT(*), SUM(message_count) FROM parley_conversation GROUP BY workspace_id"
)
SUM = "SELECT CAST(COALESCE(SUM({column}), 0) AS bigint) FROM parley_workspace_total"


def _of_one(column: str) -> Statement:
    text = f"{SUM.format(column=column)} WHERE workspace_id = %s"
    return Statement(text, columns=(), conversations=Conversation)


CONVERSATIONS, MESSAGES = _of_one("conversations"), _of_one("messages")


def kept_conversation_count(*, workspace_id: str) -> int:
    """How many conversations a workspace holds."""
    return _kept(CONVERSATIONS, workspace_id)


def kept_total(*, workspace_id: str) -> int:
    """How many messages the conversations of a workspace hold together, which every page of it shows."""
    return _kept(MESSAGES, workspace_id)


def kept_total_of_all(column: str, workspace_ids: Collection[str] | None = None) -> int:
    """The sum of `conversations` or `messages` of several workspaces, or of the whole store."""
    connection = connections[read_database(Conversation)]
    condition, params = "", []
    if workspace_ids is not None:
        text, value = one_of("workspace_id", list(workspace_ids), connection)
        condition, params = f" WHERE {text}", [value]
    with connection.cursor() as cursor:
        cursor.execute(SUM.format(column=column) + condition, params)
        [(total,)] = cursor.fetchall()
    return int(total)


def _kept(statement: Statement, workspace_id: str) -> int:
    [(total,)] = statement.rows(read_database(Conversation), [workspace_id])
    return int(total)


def _conversations_held(*, workspaces: Collection[str] | None) -> int:
    if workspaces is not None and len(workspaces) == 1:
        [workspace_id] = workspaces
        return kept_conversation_count(workspace_id=workspace_id)
    return kept_total_of_all("conversations", workspaces)


def _messages_held(*, workspaces: Collection[str] | None) -> int:
    if workspaces is not None and len(workspaces) == 1:
        [workspace_id] = workspaces
        return kept_total(workspace_id=workspace_id)
    return kept_total_of_all("messages", workspaces)


def _messages_in(*, workspaces: Collection[str] | None, conversation_id: str) -> int:
    if workspaces is not None and len(workspaces) == 1:
        [workspace_id] = workspaces
        return kept_message_count(workspace_id=workspace_id, conversation_id=conversation_id) or 0
    named = Conversation.objects.filter(pk=conversation_id)
    return (named if workspaces is None else named.filter(workspace__in=workspaces)).total_messages()


keep_total(Conversation, _conversations_held)
keep_total(Message, _messages_held)
keep_total(Message, _messages_in, "conversation_id")
