"""The changes that writes leave, a row for each write in its transaction, and the signals for them."""

from collections.abc import Iterable, Sequence
from typing import Any

from messaging.changes.actors import current_actor
from messaging.models import Change, Message
from messaging.signals import changed
from messaging.sql.statements import Insertion, Statement, given_rows
from messaging.values.choices import ChangeKind

from .transactions import send_after_commit, write_database

MOST_IDS = 20
"""Up to so many messages a change names by their ids."""

# PostgreSQL numbers the row itself; on SQLite the row brings null, which makes it do so.
NUMBERED = {"id": "nextval('parley_change_id_seq')", "xid": "parley_change_xid()"}
RECORD = Statement(
    "{given} RETURNING {columns}",
    columns=("xid", "id"),
    insertions={"given": Insertion(Change, computed=NUMBERED)},
    changes=Change,
)


def change_of(kind: ChangeKind, workspace_id: str, **fields: Any) -> Change:
    """A change of this kind by whoever acts now; `fields` are columns of Change."""
    actor = current_actor()
    acted = {"actor_kind": actor.kind, "actor_id": actor.id} if actor else {}
    return Change(workspace_id=workspace_id, kind=kind, **acted, **fields)


def change_of_messages(
    kind: ChangeKind, rows: Sequence[Message], *, imported: bool = False, **fields: Any
) -> Change:
    """A change of these messages, one at least, which are of one conversation."""
    numbers = [row.seq for row in rows]
    return change_of(
        kind,
        rows[0].workspace_id,
        conversation_id=rows[0].conversation_id,
        message_ids=[row.pk for row in rows] if len(rows) <= MOST_IDS else None,
        first_seq=min(numbers),
        last_seq=max(numbers),
        count=len(rows),
        imported=imported,
        **fields,
    )


def changes_of_messages(kind: ChangeKind, rows: Iterable[Message], **fields: Any) -> list[Change]:
    """The same of messages of any conversations, a change for each conversation."""
    by_conversation: dict[str, list[Message]] = {}
    for row in rows:
        by_conversation.setdefault(row.conversation_id, []).append(row)
    return [change_of_messages(kind, some, **fields) for some in by_conversation.values()]


def record(*changes: Change) -> None:
    """Store changes in the transaction of the write that they tell of, in their order, and announce them.

    To be called with the conversation locked, so that its changes are in the order of its writes.
    """
    if not changes:
        return
    using = write_database()
    numbers = RECORD.rows(using, [given_rows(changes, using)])
    for change, number in zip(changes, numbers, strict=True):
        announce_change(change, number)


def announce_change(change: Change, number: Sequence[int]) -> None:
    """Tell the receivers of `changed` about a stored change, `number` its (xid, id), once it is certain."""
    change.xid, change.pk = number
    change._state.db = write_database()
    send_after_commit(changed, Change, workspace_id=change.workspace_id, change=change)
