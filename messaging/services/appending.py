"""Appending messages: order, repeated imports and kept counters are decided here.

A writer locks the row of the conversation, takes numbers and inserts, all or nothing. PostgreSQL does that
in one statement, which holds the lock no longer than it runs. An import compares with the stored messages
under the lock, and SQLite has no such statement: both take several steps.
"""

from collections.abc import Sequence
from contextlib import nullcontext

from django.db import connections
from django.utils import timezone

from messaging.exceptions import ConversationGrew
from messaging.models import Change, Conversation, Message
from messaging.sql.insertions import Insertion, as_json
from messaging.sql.statements import Statement
from messaging.values.choices import ChangeKind

from .announcing import announce_created
from .drafts import (
    ConversationState,
    MessageDraft,
    Writer,
    are_history,
    creation_of,
    list_in_order,
    merge_known,
    number,
    rows_for,
    store,
)
from .items import known_items
from .numbers import TAKE, extend, lock, reserve, taking
from .prepared import PreparedBatch, prepare
from .recording import RECORD_CREATED, announce_change, change_of_numbered, has_receivers
from .retries.idempotency import append_once
from .superseding import supersede
from .transactions import atomic, is_undivided, note_commit, write_database

# The rows assume this user, owner and run of the conversation; under others the statement changes nothing.
AS_EXPECTED = """
  AND user_id IS NOT DISTINCT FROM %s AND owner_id IS NOT DISTINCT FROM %s
  AND active_run IS NOT DISTINCT FROM %s"""
APPEND = Statement(
    f"WITH state AS ({TAKE}{AS_EXPECTED} RETURNING {{columns}}), appended AS ({{messages}}),"  # noqa: S608
    f" recorded AS ({RECORD_CREATED}) SELECT * FROM state, recorded",
    columns=("last_seq", "updated_at", "last_created_at"),
    insertions={
        "messages": Insertion(
            Message,
            source="state",
            computed={
                "seq": "state.last_seq + given.seq",
                "sent_at": "state.updated_at",
                "created_at": "state.last_created_at",
                "updated_at": "state.updated_at",
            },
        )
    },
    conversations=Conversation,
    changes=Change,
)

Drafts = Sequence[MessageDraft]

MOST_OWNERS = 10_000
# (user, owner) by workspace and conversation, which new rows carry. APPEND refuses an outdated entry.
_owners: dict[tuple[str, str], tuple[str | None, str | None]] = {}


def append_messages(
    *, workspace_id: str, conversation_id: str, drafts: Drafts, writer: Writer
) -> list[Message]:
    """Store the drafts behind everything the conversation holds, all or none; a row for each, in their order.

    A draft with `created_at` that the conversation already holds is answered by the row that is there
    and not stored again, and so is one with the `item_id` of a row that says the same. The first may take the
    place of a message, see `MessageDraft.supersedes`. Raises ConversationNotFound, ItemIdTaken where that row
    says something else, ConversationLocked where a run other than the writer's holds the conversation, and
    MessageNotFound or MessageSuperseded where the current branch has no such message.
    """
    batch = prepare(workspace_id, drafts)
    with batch.files_written():
        return append_prepared(workspace_id, conversation_id, batch, writer)


def append_behind(
    *, workspace_id: str, conversation_id: str, last_seq: int, drafts: Drafts, writer: Writer
) -> list[Message]:
    """The same where nothing may have been added since the conversation ended with the number `last_seq`.

    Raises ConversationGrew where something was, and what `append_messages` does.
    """
    batch = prepare(workspace_id, drafts)
    with batch.files_written(), atomic():
        state = lock(workspace_id, conversation_id, run_id=writer.run_id)
        if state.last_seq != last_seq:
            raise ConversationGrew
        return append_prepared(workspace_id, conversation_id, batch, writer)


def append_message(
    *,
    workspace_id: str,
    conversation_id: str,
    draft: MessageDraft,
    writer: Writer,
    client_id: str | None = None,
) -> Message:
    """Store one message behind everything the conversation holds.

    `client_id` is the author's own id of the message: a repeat with it is answered by the message that the
    first made. Raises ConversationNotFound, ConversationLocked, ClientIdReused for another message with that
    id, MessageNotFound where the first was deleted.
    """
    batch = prepare(workspace_id, [draft])
    with batch.files_written():
        return append_once(
            workspace_id=workspace_id,
            conversation_id=conversation_id,
            client_id=client_id,
            draft=draft,
            append=lambda: append_prepared(workspace_id, conversation_id, batch, writer)[0],
        )


def append_prepared(
    workspace_id: str, conversation_id: str, batch: PreparedBatch, writer: Writer
) -> list[Message]:
    """The same of prepared messages, whose files are written."""
    if not batch.has_rows:
        return _append_drafts(workspace_id, conversation_id, batch.drafts, writer)
    with atomic():
        rows = _append_drafts(workspace_id, conversation_id, batch.drafts, writer)
        batch.store(rows)
    return rows


def _append_drafts(workspace_id: str, conversation_id: str, drafts: Drafts, writer: Writer) -> list[Message]:
    if any(draft.created_at or draft.item_id or draft.supersedes for draft in drafts):
        return _merge(workspace_id, conversation_id, drafts, writer)
    return _append_at_once(workspace_id, conversation_id, drafts, writer) or _append(
        workspace_id, conversation_id, drafts, writer
    )


def _append_at_once(workspace_id: str, conversation_id: str, drafts: Drafts, writer: Writer) -> list[Message]:
    """Append in one statement; nothing is written, and no row returned, where only the steps can tell."""
    connection, owners = connections[write_database()], _owners.get((workspace_id, conversation_id))
    if owners is None or not drafts or connection.vendor != "postgresql":
        return []
    now = timezone.now()
    rows = rows_for(ConversationState(workspace_id, conversation_id, 0, now, now, *owners), drafts, writer)
    number(rows, 0)
    told = creation_of(rows, writer)
    taken = [*taking(len(rows), now), workspace_id, conversation_id, *owners, writer.run_id]
    # By itself it is a transaction; within one of somebody else it must not break it.
    with nullcontext() if connection.get_autocommit() else atomic(savepoint=not is_undivided()):
        reserved = APPEND.rows(connection.alias, [*taken, as_json(rows), *told.created()])
        if not reserved:
            return []
        [(last_seq, clock, latest, *numbered)] = reserved
        if connection.get_autocommit():
            note_commit(connection.alias)
        for row in rows:
            row.seq += last_seq
            row.sent_at = row.updated_at = clock
            row.created_at = latest
        if has_receivers():
            told.first_seq, told.last_seq = rows[0].seq, rows[-1].seq
            announce_created(rows, announce_change(told.row(clock, numbered)))
    return rows


def _append(workspace_id: str, conversation_id: str, drafts: Drafts, writer: Writer) -> list[Message]:
    with atomic():
        state = reserve(workspace_id, conversation_id, len(drafts), run_id=writer.run_id)
        _remember(state)
        rows = rows_for(state, drafts, writer)
        store(state, rows, writer)
    return rows


def _merge(workspace_id: str, conversation_id: str, drafts: Drafts, writer: Writer) -> list[Message]:
    """The same where some may be known, by a time or an id of their own, or the first takes the place of
    others: how many are new, and who is superseded, shows only under the lock."""
    with atomic():
        state = lock(workspace_id, conversation_id, run_id=writer.run_id)
        _remember(state)
        rows = rows_for(state, drafts, writer)
        answer, fresh = merge_known(rows, _known(state, rows))
        list_in_order(answer, fresh)
        imported = are_history(fresh)
        superseded = supersede(state, fresh[0], drafts[0].supersedes) if fresh[:1] == rows[:1] else {}
        updated = (ChangeKind.MESSAGES_UPDATED, workspace_id, conversation_id, superseded)
        told = [change_of_numbered(*updated, imported=imported)] if superseded else []
        extended = extend(state, fresh, superseded=len(superseded))
        store(extended, fresh, writer, imported=imported, before=told)
    return answer


def _remember(state: ConversationState) -> None:
    if len(_owners) >= MOST_OWNERS:
        _owners.clear()
    _owners[state.workspace_id, state.conversation_id] = (state.user_id, state.owner_id)


def _known(state: ConversationState, rows: Sequence[Message]) -> dict[str, Message]:
    """The stored messages of this conversation that some of these rows repeat, by what these are known by."""
    stored = Message.objects.for_workspace(state.workspace_id).in_conversation(state.conversation_id)
    keys = [row.dedup_key for row in rows if row.dedup_key]
    repeated = stored.filter(dedup_key__in=keys) if keys else ()
    return {row.dedup_key: row for row in repeated if row.dedup_key} | known_items(stored, rows)
