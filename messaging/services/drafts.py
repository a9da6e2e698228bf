"""From what an author gives to rows of the store: defaults, checksums, merging of repeated imports."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from unicodedata import normalize

import orjson

from messaging.models import Message
from messaging.values.choices import ChangeKind
from messaging.values.ids import new_id

from .announcing import announce_created
from .clock import rising
from .recording import Told, change_of_messages, record
from .transactions import write_database

NOBODY = "anonymous"
COLUMNS = tuple(field.attname for field in Message._meta.concrete_fields)
EMPTY = dict.fromkeys(COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDraft:
    """A message as its author gives it. JSON values are kept as they are."""

    content: str | None = None
    """Its text; None for what its items or parts say."""
    role: str = "user"
    message_type: str = "text"
    sender_id: str | None = None
    created_at: datetime | None = None
    """When it was sent, for imported history; None for now, or for the time of its neighbours."""
    structured_content: Any = None
    """The content as it was sent, where that was a list of items. Large images leave the row."""
    content_dialect: str | None = None
    """The dialect whose items these are; without one every wire shows their parts."""
    parts: Sequence[Mapping[str, Any]] = ()
    """Parts as their author gives them, with `type`; empty where they are derived on read. Large values leave
    the row."""
    tool_calls: list[Any] | None = None
    tags: list[str] | None = None
    attachments: list[Any] | None = None
    parent_message_id: str | None = None
    meta_data: dict[str, Any] | None = None
    agent_id: str | None = None
    run_id: str | None = None
    derived_meta_data: dict[str, Any] | None = None
    """Made of the parts, not given; see Message."""
    id: str | None = None
    """The id that the message shall have, which must be free; None for a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """On whose behalf messages are written: what fills the fields that their drafts leave open."""

    user_id: str | None = None
    """The end user whom the caller names for the whole call."""
    owner_id: str | None = None
    """The owner of the API key."""
    enable_memories: bool = False
    """Memories may be drawn from these messages."""
    run_id: str | None = None
    """The run that writes. A conversation which a run holds takes messages of that run alone."""
    agent_id: str | None = None
    """The agent of that run."""


class ConversationState(NamedTuple):
    """What a locked conversation says about the messages that are about to enter it."""

    workspace_id: str
    conversation_id: str
    last_seq: int
    """The number of the last message, once the reserved ones are written."""
    clock: datetime
    """Now; within a conversation it never goes back."""
    latest: datetime
    """The time by which messages are listed that name none: now, and never before any that is there."""
    user_id: str | None
    owner_id: str | None


def rows_for(state: ConversationState, drafts: Iterable[MessageDraft], writer: Writer) -> list[Message]:
    """A row for each draft, complete but for `seq`."""
    given = list(drafts)
    times = rising([draft.created_at for draft in given])
    return [_row(state, draft, time, writer) for draft, time in zip(given, times, strict=True)]


def merge_known(rows: Iterable[Message], known: Mapping[str, Message]) -> tuple[list[Message], list[Message]]:
    """(what to answer, what to store): rows whose dedup key is known, or came before, are not stored."""
    seen = dict(known)
    answer: list[Message] = []
    fresh: list[Message] = []
    for row in rows:
        first = seen.setdefault(row.dedup_key, row) if row.dedup_key else row
        answer.append(first)
        if first is row:
            fresh.append(row)
    return answer, fresh


def list_in_order(answer: Sequence[Message], fresh: Sequence[Message]) -> None:
    """Date the fresh rows of an answer so that each is listed behind the row in front of it."""
    new = {row.pk for row in fresh}
    for row, time in zip(answer, rising([row.created_at for row in answer]), strict=True):
        if row.pk in new and time is not None:
            row.created_at = time


def store(
    state: ConversationState,
    rows: Sequence[Message],
    writer: Writer,
    *,
    imported: bool = False,
    before: Sequence[Told] = (),
) -> None:
    """Number the rows up to `state.last_seq`, insert them in one statement, record and announce them.

    `before` are changes of the same write, which come first.
    """
    if not rows:
        record(*before)
        return
    number(rows, state.last_seq)
    Message.objects.insert_all(rows)
    if changes := record(*before, creation_of(rows, writer, imported=imported)):
        announce_created(rows, changes[-1])


def creation_of(rows: Sequence[Message], writer: Writer, *, imported: bool = False) -> Told:
    """The change that tells of new messages."""
    return change_of_messages(
        ChangeKind.MESSAGES_CREATED,
        rows,
        imported=imported,
        run_id=writer.run_id,
        enable_memories=writer.enable_memories,
    )


def number(rows: Sequence[Message], last_seq: int) -> None:
    """Give the rows their `seq`, in their order, the last one this."""
    for seq, row in enumerate(rows, last_seq - len(rows) + 1):
        row.seq = seq


def checksum_of(message: Message, *, imported_at: datetime | None) -> str:
    """SHA-256, hexadecimal, over canonical JSON of what makes a message this one and no other.

    Apart from conversation, sender, role, type and text these are the tool calls, the attachments and the
    id of the answered call: two results of parallel calls may read alike, and both must be kept. Tags
    and other meta data are remarks upon a message and do not count. `imported_at` is the author's own
    time, where one was given.
    """
    identity = [
        message.conversation_id,
        message.sender_id,
        message.role,
        message.message_type,
        message.content,
        message.structured_content,
        message.tool_calls,
        message.attachments,
        (message.meta_data or {}).get("tool_call_id"),
        imported_at.astimezone(UTC).isoformat() if imported_at else None,
    ]
    return hashlib.sha256(_canonical(identity)).hexdigest()


def _canonical(identity: list[Any]) -> bytes:
    """JSON without spaces, keys sorted, its characters composed, in UTF-8."""
    if all(value is None or isinstance(value, str) for value in identity):
        written = orjson.dumps(identity)  # of texts alone the same, and faster
    else:
        written = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return written if written.isascii() else normalize("NFC", written.decode()).encode()


def _row(
    state: ConversationState, draft: MessageDraft, listed_at: datetime | None, writer: Writer
) -> Message:
    values: dict[str, Any] = {
        **EMPTY,
        "id": draft.id or new_id("msg"),
        "workspace_id": state.workspace_id,
        "conversation_id": state.conversation_id,
        "role": draft.role,
        "content": draft.content or "",
        "structured_content": draft.structured_content,
        "content_dialect": draft.content_dialect,
        "has_parts": bool(draft.parts),
        "sender_id": draft.sender_id or writer.user_id or state.user_id or writer.owner_id or NOBODY,
        "message_type": draft.message_type,
        "tool_calls": draft.tool_calls,
        "tags": draft.tags,
        "attachments": draft.attachments,
        "parent_message_id": draft.parent_message_id,
        "meta_data": draft.meta_data,
        "derived_meta_data": draft.derived_meta_data,
        "enable_memories": writer.enable_memories,
        "sent_at": draft.created_at or listed_at or state.clock,
        "owner_id": state.owner_id or writer.owner_id,
        "agent_id": draft.agent_id or writer.agent_id,
        "run_id": draft.run_id or writer.run_id,
        "created_at": listed_at or state.latest,
        "updated_at": state.clock,
    }
    # Values by position make a row faster than values by name.
    row = Message.from_db(write_database(), COLUMNS, tuple(values.values()))
    row.checksum = checksum_of(row, imported_at=draft.created_at)
    row.dedup_key = row.checksum if draft.created_at else None
    return row
