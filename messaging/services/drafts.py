"""From what an author gives to rows of the store: defaults, checksums, merging of repeated imports."""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from messaging.content import TokenCount, without_ids
from messaging.exceptions import InvalidValue
from messaging.models import Message
from messaging.values.choices import ChangeKind
from messaging.values.ids import new_id
from messaging.values.text import normalized, text_problem
from messaging.values.tokens import MOST_TOKENS, WRITER

from .announcing import announce_created
from .clock import is_past, rising
from .items import require_same_item
from .recording import Told, change_of_messages, record
from .transactions import write_database

NOBODY = "anonymous"
LENGTHS = {
    "content": sys.maxsize,
    "role": 64,
    "message_type": 64,
    "sender_id": 255,
    "parent_message_id": 255,
    "agent_id": 255,
    "run_id": 40,
    "item_id": 255,
    "supersedes": 255,
}
"""Texts of a draft, and how many characters each may have."""
REQUIRED = ("role", "message_type")
KINDS = {
    "tool_calls": list,
    "tags": list,
    "attachments": list,
    "meta_data": dict,
    "created_at": datetime,
    "token_count": int,
}
TEXT_OR_NOTHING = {str, type(None)}
COLUMNS = tuple(field.attname for field in Message._meta.concrete_fields)
EMPTY = dict.fromkeys(COLUMNS)
IDENTITY = (
    *("conversation_id", "sender_id", "role", "message_type", "content", "structured_content", "tool_calls"),
    *("attachments", "meta_data"),
)
"""The columns that a checksum is made of."""
_texts, _values, _identity = attrgetter(*LENGTHS), attrgetter(*KINDS), attrgetter(*IDENTITY)


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
    token_count: int | None = None
    """How many tokens it has, where its author knows; None to have them counted."""
    derived_meta_data: dict[str, Any] | None = None
    """Made of the parts, not given; see Message."""
    item_id: str | None = None
    """The id of the item in the dialect that wrote it: a repeat with it is the message that is there."""
    supersedes: str | None = None
    """The id of the message of the current branch whose place it takes, and that of all behind it: of a
    question that is edited, or an answer that is generated anew."""
    id: str | None = None
    """The id that the message shall have, which must be free; None for a new one."""

    def __post_init__(self) -> None:
        """Raises InvalidValue for what the wires refuse, too; its `loc` is the name of the field."""
        for (name, most), value in zip(LENGTHS.items(), _texts(self), strict=True):
            # Most values are plain, and every message of a batch passes here.
            if value is None and name not in REQUIRED:
                continue
            if type(value) is not str or len(value) > most or "\0" in value or not value.isascii():
                _require_text(name, value, most)
        for (name, kind), value in zip(KINDS.items(), _values(self), strict=True):
            if value is not None and not isinstance(value, kind):
                raise InvalidValue((name,), f"{name} should be a {kind.__name__}", f"{kind.__name__}_type")
        for tag in self.tags or ():
            _require_text("tags", tag, sys.maxsize)
        if self.token_count is not None and not 0 <= self.token_count <= MOST_TOKENS:
            raise InvalidValue(("token_count",), f"token_count should be 0 to {MOST_TOKENS}", "int_range")
        if self.created_at is not None and self.created_at.utcoffset() is None:
            raise InvalidValue(("created_at",), "created_at needs a time zone", "timezone_aware")


def _require_text(name: str, value: object, most: int) -> None:
    if not isinstance(value, str):
        raise InvalidValue((name,), f"{name} should be a str", "string_type")
    if len(value) > most:
        raise InvalidValue((name,), f"{name} should have at most {most} characters", "string_too_long")
    if reason := text_problem(value):
        raise InvalidValue((name,), reason, "string_unstorable")


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


def require_first_alone(drafts: Iterable[MessageDraft], name: str) -> None:
    """Raise InvalidValue where any but the first takes the place of a message; `name` is that of the list."""
    for number, draft in enumerate(drafts):
        if draft.supersedes and number:
            at = ("body", name, number, "supersedes")
            raise InvalidValue(at, "Only the first message of a call takes the place of another")


def rows_for(state: ConversationState, drafts: Iterable[MessageDraft], writer: Writer) -> list[Message]:
    """A row for each draft, complete but for `seq`."""
    given, using = list(drafts), write_database()
    times = rising([draft.created_at for draft in given])
    return [_row(using, state, draft, time, writer) for draft, time in zip(given, times, strict=True)]


def merge_known(rows: Iterable[Message], known: Mapping[str, Message]) -> tuple[list[Message], list[Message]]:
    """(what to answer, what to store): rows that are known, or came before, are not stored.

    `known` has them by what `identity_of` tells of the rows. Raises ItemIdTaken for another item with the id
    of one of them.
    """
    seen = dict(known)
    answer: list[Message] = []
    fresh: list[Message] = []
    for row in rows:
        identity = identity_of(row)
        first = seen.setdefault(identity, row) if identity else row
        if first is not row and row.item_id:
            require_same_item(first, row)
        answer.append(first)
        if first is row:
            fresh.append(row)
    return answer, fresh


def identity_of(row: Message) -> str | None:
    """What a row has in common with one that it repeats; None for a message that is always a further one."""
    return row.dedup_key or (f"item/{row.item_id}" if row.item_id else None)


def list_in_order(answer: Sequence[Message], fresh: Sequence[Message]) -> None:
    """Date the fresh rows of an answer so that each is listed behind the row in front of it."""
    new = {row.pk for row in fresh}
    for row, time in zip(answer, rising([row.created_at for row in answer]), strict=True):
        if row.pk in new and time is not None:
            row.created_at = time


def are_history(rows: Iterable[Message]) -> bool:
    """Whether some of these rows, which are about to be stored, were sent long ago."""
    return any(is_past(row.sent_at) for row in rows)


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
    return checksum_of_values(_identity(message), imported_at=imported_at)


def checksum_of_values(values: Sequence[Any], *, imported_at: datetime | None) -> str:
    """The same of a message that has these values of IDENTITY."""
    *columns, attachments, meta_data = values
    identity = [
        *columns,
        without_ids(attachments),
        (meta_data or {}).get("tool_call_id"),
        imported_at.astimezone(UTC).isoformat() if imported_at else None,
    ]
    return hashlib.sha256(_canonical(identity)).hexdigest()


def _canonical(identity: list[Any]) -> bytes:
    """JSON without spaces, keys sorted, its characters composed, in UTF-8."""
    if {*map(type, identity)} <= TEXT_OR_NOTHING:
        written = orjson.dumps(identity)  # of texts alone the same, and faster
    else:
        written = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return written if written.isascii() else normalized(written.decode(), "NFC").encode()


def _row(
    using: str, state: ConversationState, draft: MessageDraft, listed_at: datetime | None, writer: Writer
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
        "item_id": draft.item_id,
        "created_at": listed_at or state.latest,
        "updated_at": state.clock,
    }
    # Values by position make a row faster than values by name.
    row = Message.from_db(using, COLUMNS, tuple(values.values()))
    if draft.parts:
        vars(row)["given_parts"] = draft.parts
    if draft.token_count is not None:
        vars(row)["given_tokens"] = TokenCount(draft.token_count, WRITER)
    row.checksum = checksum_of(row, imported_at=draft.created_at)
    row.dedup_key = row.checksum if draft.created_at else None
    return row
