"""The changes that writes leave, a row for each write in its transaction, and the signals for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter

from django.db import connections
from django.utils import timezone

from messaging.changes.actors import current_actor
from messaging.models import Change, Message
from messaging.signals import changed, messages_created
from messaging.sql.insertions import Insertion, given_rows
from messaging.sql.running import rows_of
from messaging.sql.statements import Statement
from messaging.values.choices import ChangeKind
from messaging.values.json import dumps

from .transactions import as_parameter, send_after_commit, write_database

MOST_IDS = 20
"""Up to so many messages a change names by their ids."""

FEW = 2
"""Up to so many changes have a statement of their own; beyond, one statement serves any number of them."""

XID = {"postgresql": "parley_change_xid()", "sqlite": "0"}
# PostgreSQL numbers the row itself; on SQLite the row brings null, which makes it do so.
NUMBERED = {"id": "nextval('parley_change_id_seq')", "xid": XID["postgresql"]}
UNNUMBERED = (0, None)
"""The (xid, id) of a row before the database numbers it."""
RECORD_MANY = Statement(
    "{given} RETURNING {columns}",
    columns=("xid", "id"),
    insertions={"given": Insertion(Change, computed=NUMBERED)},
    changes=Change,
)
# Part of a statement of PostgreSQL that locks the conversation as `state` and hands out numbers in it.
RECORD_CREATED = """
INSERT INTO {changes} (
  workspace_id, xid, kind, conversation_id, run_id, message_ids, first_seq, last_seq, count, imported,
  enable_memories, actor_kind, actor_id, created_at
)
SELECT %s, parley_change_xid(), %s, %s, %s, %s::json, state.last_seq + %s::bigint, state.last_seq, %s::bigint,
  false, %s::boolean, %s, %s, state.updated_at
FROM state
RETURNING xid, id"""


@dataclass(slots=True)
class Told:
    """What a change tells: the columns of Change but for its numbers and its time, in their order."""

    workspace_id: str
    kind: str
    conversation_id: str | None = None
    run_id: str | None = None
    message_ids: list[str] | None = None
    first_seq: int | None = None
    last_seq: int | None = None
    count: int | None = None
    imported: bool = False
    enable_memories: bool | None = None
    memory_ids: list[str] | None = None
    actor_kind: str | None = None
    actor_id: str | None = None

    def created(self) -> list[object]:
        """The parameters of RECORD_CREATED. `first_seq` counts from the last number that it hands out."""
        named = [self.workspace_id, self.kind, self.conversation_id, self.run_id, self._ids()]
        return [*named, self.first_seq, self.count, self.enable_memories, self.actor_kind, self.actor_id]

    def values(self, created_at: datetime) -> list[object]:
        """The values of COLUMNS, as the databases take them."""
        values = list(_told(self))
        values[MESSAGE_IDS], values[MEMORY_IDS] = self._ids(), _as_json(self.memory_ids)
        return [*values, as_parameter(created_at)]

    def row(self, created_at: datetime, number: Sequence[int | None] = UNNUMBERED) -> Change:
        """The row under this (xid, id)."""
        (xid, pk), (workspace_id, *others) = number, _told(self)
        # Values by position make a row faster than values by name.
        return Change.from_db(write_database(), FIELDS, (pk, workspace_id, xid, *others, created_at))

    def _ids(self) -> str | None:
        return _as_json(self.message_ids)


def _as_json(ids: list[str] | None) -> str | None:
    return None if ids is None else dumps(ids).decode()


COLUMNS = (*Told.__slots__, "created_at")
FIELDS = tuple(field.attname for field in Change._meta.concrete_fields)
_told = attrgetter(*Told.__slots__)
MESSAGE_IDS, MEMORY_IDS = COLUMNS.index("message_ids"), COLUMNS.index("memory_ids")


def change_of(
    kind: ChangeKind,
    workspace_id: str,
    *,
    conversation_id: str | None = None,
    run_id: str | None = None,
    count: int | None = None,
    imported: bool = False,
) -> Told:
    """A change of this kind by whoever acts now."""
    named = (workspace_id, kind.value, conversation_id, run_id)
    return Told(*named, None, None, None, count, imported, None, None, *_acting())


def change_of_memories(
    kind: ChangeKind, workspace_id: str, memory_ids: Sequence[str], *, imported: bool = False
) -> Told:
    """A change of these memories, one at least."""
    told = change_of(kind, workspace_id, count=len(memory_ids), imported=imported)
    told.memory_ids = list(memory_ids) if len(memory_ids) <= MOST_IDS else None
    return told


def change_of_messages(
    kind: ChangeKind,
    rows: Sequence[Message],
    *,
    imported: bool = False,
    run_id: str | None = None,
    enable_memories: bool | None = None,
) -> Told:
    """A change of these messages, one at least, which are of one conversation."""
    return change_of_numbered(
        kind,
        rows[0].workspace_id,
        rows[0].conversation_id,
        {row.pk: row.seq for row in rows},
        imported=imported,
        run_id=run_id,
        enable_memories=enable_memories,
    )


def change_of_numbered(
    kind: ChangeKind,
    workspace_id: str,
    conversation_id: str,
    numbers: Mapping[str, int],
    *,
    imported: bool = False,
    run_id: str | None = None,
    enable_memories: bool | None = None,
) -> Told:
    """The same of messages of which the numbers are known, by their ids."""
    return Told(
        workspace_id,
        kind.value,
        conversation_id,
        run_id,
        list(numbers) if len(numbers) <= MOST_IDS else None,
        min(numbers.values()),
        max(numbers.values()),
        len(numbers),
        imported,
        enable_memories,
        None,
        *_acting(),
    )


def changes_of_messages(kind: ChangeKind, rows: Iterable[Message], *, imported: bool = False) -> list[Told]:
    """The same of messages of any conversations, a change for each conversation."""
    by_conversation: dict[str, list[Message]] = {}
    for row in rows:
        by_conversation.setdefault(row.conversation_id, []).append(row)
    return [change_of_messages(kind, some, imported=imported) for some in by_conversation.values()]


def record(*changes: Told) -> list[Change]:
    """Store changes in the transaction of the write that they tell of, in their order, and announce them.

    To be called with the conversation locked, so that its changes are in the order of its writes. Returns
    the rows, or nothing where no receiver listens.
    """
    if not changes:
        return []
    now, using = timezone.now(), write_database()
    if len(changes) <= FEW:
        numbers = rows_of(_insertion(using, len(changes)), [v for c in changes for v in c.values(now)], using)
    else:
        numbers = RECORD_MANY.rows(using, [given_rows([told.row(now) for told in changes], using)])
    if not has_receivers():
        return []
    told = zip(changes, numbers, strict=True)
    return [announce_change(change.row(now, number)) for change, number in told]


def has_receivers() -> bool:
    """Whether anybody listens for changes, or for a signal that carries one."""
    return changed.has_listeners(Change) or messages_created.has_listeners(Message)


def announce_change(row: Change) -> Change:
    """Tell the receivers of `changed` of a stored change, once it is certain."""
    send_after_commit(changed, Change, workspace_id=row.workspace_id, change=row)
    return row


@cache
def _insertion(using: str, number: int) -> str:
    xid = XID[connections[using].vendor]
    values = ", ".join([f"({xid}, {', '.join(['%s'] * len(COLUMNS))})"] * number)
    return f"INSERT INTO parley_change (xid, {', '.join(COLUMNS)}) VALUES {values} RETURNING xid, id"  # noqa: S608


def _acting() -> tuple[str | None, str | None]:
    """(kind, id) of who acts now."""
    actor = current_actor()
    return (actor.kind.value, actor.id) if actor else (None, None)
