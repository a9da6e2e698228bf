"""A copy of a conversation up to one of its messages, which goes on by itself.

The rows are copied within the database, a statement for each table: of a message only what its identity
changes comes from here. Files are shared with the original, see `messaging.services.files`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from django.db import connections, models
from django.db.models import Case, F, When
from django.utils import timezone

from messaging.content import TokenCount
from messaging.exceptions import ConversationNotFound, InvalidValue, MessageNotFound
from messaging.index.terms import rescoped
from messaging.models import Conversation, Message, MessageQuerySet, Part, StoredObject
from messaging.signals import messages_created
from messaging.sql.columns import field_of, quoted, table_of
from messaging.sql.conditions import OneOf
from messaging.sql.statements import select_given
from messaging.values.choices import ChangeKind
from messaging.values.ids import new_id
from messaging.values.json import dumps
from messaging.values.tokens import ESTIMATE

from .announcing import announce_created
from .drafts import IDENTITY, Writer, checksum_of_values
from .imported import readdressed
from .recording import change_of, change_of_numbered, record
from .rows import locked, require_within_limits
from .token_budget import ORDER, Position
from .transactions import atomic, reading_for_write, write_database

MOST_MESSAGES = 20_000
"""A fork copies at most so many: whoever writes to the original waits until it is done."""
FORKED_FROM = "forked_from"
"""Key of the meta data that says what a conversation is a fork of."""
KEPT = ("is_public", "collections", "settings", "user_id", "owner_id")
"""Columns of a conversation that a fork has as the original does."""
READ = (
    *("pk", "created_at", "parent_message_id", "checksum", "dedup_key", "index_terms", "imported_at"),
    *IDENTITY[1:],
)
"""What is read of a message to copy."""
IMPORTED_AT = Case(When(dedup_key__isnull=False, then=F("sent_at")))
"""What a checksum says of the time of a message: nothing, where it is live."""
OWN = (
    *("id", "conversation_id", "seq", "parent_message_id", "checksum", "dedup_key", "index_terms"),
    *("run_id", "enable_memories", "superseded_by"),
)
"""Columns of a message in which a copy is not as the original."""
NAMING = ("structured_content", "attachments", "tool_calls")
"""Columns of a message that may name its stored objects."""
ORIGINAL = "original_id"
VALUE = "(value ->> {at})::{kind}"
VALUES = {
    "bigint[]": "CASE WHEN json_typeof(value -> {at}) = 'array'"
    " THEN ARRAY(SELECT json_array_elements_text(value -> {at})::bigint) END"
}
"""How PostgreSQL reads a value of a column out of an array, by the type of the column."""


@reading_for_write()
def fork_conversation(
    *,
    workspace_id: str,
    conversation_id: str,
    writer: Writer,
    until: str | None = None,
    title: str | None = None,
) -> Conversation:
    """A new conversation with the messages that are listed up to the one whose id is `until`, it included, or
    with all of them. Of one that was superseded it has the branch that this one is on.

    They keep content, times, tags, parts and objects, and get ids and numbers of their own; no run is copied.
    `meta_data.forked_from` names the conversation and the message. Title, end user, owner, settings and
    collections are those of the original, unless `title` is given. The original is locked meanwhile, and not
    changed, so a run that holds it does not matter. Memories are not drawn again from what was copied.
    Raises ConversationNotFound, MessageNotFound, and InvalidValue for more than MOST_MESSAGES.
    """
    with atomic():
        conversations = Conversation.objects.for_workspace(workspace_id)
        original = locked(conversations.filter(pk=conversation_id), ConversationNotFound)
        rows = _up_to(original, until)
        # Of equal times the greatest number is listed last.
        last_id, last_created_at, *_ = max(reversed(rows), key=itemgetter(1), default=(None, None))
        fork = _opened(original, last_id, title, writer)
        fork.last_seq = fork.message_count = len(rows)
        fork.last_created_at = last_created_at
        require_within_limits({"meta_data": fork.meta_data})
        fork.save(force_insert=True, using=write_database())
        ids = _copy_messages(original.pk, fork, rows)
        _copy_parts(workspace_id, ids)
        _copy_objects(workspace_id, ids)
        _record(fork, list(ids.values()), writer)
    return fork


def _opened(original: Conversation, until: str | None, title: str | None, writer: Writer) -> Conversation:
    """The row of the fork, without its counters."""
    now = timezone.now()
    kept = {name: getattr(original, name) for name in KEPT}
    source = {"conversation_id": original.pk, "message_id": until}
    return Conversation(
        workspace_id=original.workspace_id,
        title=original.title if title is None else title,
        meta_data={**original.meta_data, FORKED_FROM: source},
        created_by=writer.owner_id,
        created_at=now,
        updated_at=now,
        **kept,
    )


def _up_to(original: Conversation, until: str | None) -> list[tuple[Any, ...]]:
    """READ of the messages to copy, in the order of their numbers: as instances they would take twice as
    long. Raises MessageNotFound, InvalidValue."""
    messages = Message.objects.for_workspace(original.workspace_id).in_conversation(original.pk)
    on_branch = messages.current() if until is None else _branch_up_to(messages, until)
    read = on_branch.annotate(imported_at=IMPORTED_AT).order_by("seq").values_list(*READ)
    rows: list[tuple[Any, ...]] = list(read[: MOST_MESSAGES + 1])
    if len(rows) > MOST_MESSAGES:
        raise InvalidValue(("body", "until"), f"A fork has at most {MOST_MESSAGES} messages", "too_long")
    return rows


def _branch_up_to(messages: MessageQuerySet, until: str) -> MessageQuerySet:
    """What was on the branch of this message up to it. Raises MessageNotFound.

    That is what the same message took the place of, and what its own branch has in front of that place.
    """
    last = messages.filter(pk=until).values_list(*ORDER, "superseded_by").first()
    if last is None:
        raise MessageNotFound
    branch, (created_at, seq, superseder) = messages.none(), last
    end: Position = (created_at, seq + 1)
    while True:
        part = messages.filter(superseded_by=superseder).after(ORDER, end, descending=True)
        branch |= part
        if superseder is None:
            return branch
        first = part.in_order(ORDER).values_list(*ORDER).first()
        above = messages.filter(pk=superseder).values_list(*ORDER, "superseded_by").first()
        end = min(filter(None, (end, first, above and above[:2])))
        superseder = above and above[2]


def _copy_messages(original: str, fork: Conversation, rows: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    """Insert the copies of these rows of a conversation; returns their ids by those of the originals."""
    ids = {row[0]: new_id("msg") for row in rows}
    own = [_own_columns(original, fork.pk, row, seq, ids) for seq, row in enumerate(rows, 1)]
    _copy(Message, fork.workspace_id, ids, OWN, own)
    return ids


def _own_columns(original: str, fork: str, row: Sequence[Any], seq: int, ids: Mapping[str, str]) -> list[Any]:
    """The values of OWN of the copy of a row."""
    pk, _, parent, checksum, dedup_key, terms, imported_at, *identity = row
    new = checksum_of_values((fork, *identity), imported_at=imported_at)
    return [
        ids[pk],
        fork,
        seq,
        ids.get(parent or "", parent),
        new,
        new if dedup_key == checksum else dedup_key,
        rescoped(terms, original, fork),
        None,
        False,
        None,
    ]


def _copy_parts(workspace_id: str, ids: Mapping[str, str]) -> None:
    parts = Part.objects.for_workspace(workspace_id).of_messages(ids).values_list("pk", "message_id")
    originals = dict(parts)
    own = [[new_id("part"), ids[message_id]] for message_id in originals.values()]
    _copy(Part, workspace_id, originals, ("id", "message_id"), own)


def _copy_objects(workspace_id: str, ids: Mapping[str, str]) -> None:
    """Rows of their own for the objects of the copies, with the files of the originals."""
    stored = StoredObject.objects.for_workspace(workspace_id)
    rows = list(stored.filter(OneOf("message_id", ids)))
    names = {row.pk: new_id("obj") for row in rows}
    for row in rows:
        row.pk, row.message_id = names[row.pk], ids[row.message_id]
    StoredObject.objects.insert_all(rows)
    if rows:
        _readdress(workspace_id, {row.message_id for row in rows}, names)


def _readdress(workspace_id: str, message_ids: set[str], names: Mapping[str, str]) -> None:
    """Let the refs in these messages and their parts name the objects by their new ids."""
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    rows = list(messages)
    for row in rows:
        for name in NAMING:
            setattr(row, name, readdressed(getattr(row, name), names))
        vars(row)["given_tokens"] = TokenCount(row.token_count or 0, row.token_counter or ESTIMATE)
    messages.update_each(rows, NAMING)
    parts = (
        Part.objects.for_workspace(workspace_id).of_messages(message_ids).filter(payload_ref__isnull=False)
    )
    named = list(parts)
    for part in named:
        part.payload_ref = readdressed(part.payload_ref, names)
    Part.objects.for_workspace(workspace_id).update_each(named, ("payload_ref",))


def _copy(
    model: type[models.Model],
    workspace_id: str,
    originals: Iterable[str],
    names: Sequence[str],
    own: Sequence[Sequence[Any]],
) -> None:
    """Insert copies of the rows with these ids, `names` the columns that have values of their own in each."""
    if not own:
        return
    using = write_database()
    values = [[original, *row] for original, row in zip(originals, own, strict=True)]
    with connections[using].cursor() as cursor:
        cursor.execute(_copying(model, tuple(names), using), [dumps(values).decode(), workspace_id])


@cache
def _copying(model: type[models.Model], names: tuple[str, ...], using: str) -> str:
    """The statement. It looks each original up by its id, whatever a planner without statistics expects."""
    connection = connections[using]
    every = quoted(model, tuple(field.name for field in model._meta.local_concrete_fields), using)
    own, table = quoted(model, names, using), table_of(model, using)
    values = [f"{'given' if column in own else 'original'}.{column}" for column in every]
    which = f"id = given.{ORIGINAL} AND workspace_id = %s"
    original = f"{table} AS original ON original.{which}"
    if connection.vendor == "postgresql":
        original = f"LATERAL (SELECT * FROM {table} WHERE {which} OFFSET 0) AS original"  # noqa: S608
    return (
        f"WITH given ({ORIGINAL}, {', '.join(own)}) AS ({_given(model, names, using)})"  # noqa: S608
        f" INSERT INTO {table} ({', '.join(every)})"
        f" SELECT {', '.join(values)} FROM given CROSS JOIN {original}"
    )


def _given(model: type[models.Model], names: Sequence[str], using: str) -> str:
    """Rows of an id and of values of these columns, in one parameter: a JSON array of an array for each."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return select_given(len(names) + 1)
    types = ["text", *(str(field_of(model, name).db_type(connection)) for name in names)]
    values = ", ".join(VALUES.get(kind, VALUE).format(at=at, kind=kind) for at, kind in enumerate(types))
    return f"SELECT {values} FROM json_array_elements(%s::json)"  # noqa: S608  types


def _record(fork: Conversation, ids: Sequence[str], writer: Writer) -> None:
    """Note that there is a new conversation with messages of these ids, and tell who listens."""
    opened = change_of(
        ChangeKind.CONVERSATION_CREATED, fork.workspace_id, conversation_id=fork.pk, imported=True
    )
    told = [opened]
    if ids:
        created = change_of_numbered(
            ChangeKind.MESSAGES_CREATED,
            fork.workspace_id,
            fork.pk,
            {pk: seq for seq, pk in enumerate(ids, 1)},
            imported=True,
            run_id=writer.run_id,
            enable_memories=writer.enable_memories,
        )
        told.append(created)
    changes = record(*told)
    if changes and ids and messages_created.has_listeners(Message):
        copies = Message.objects.for_workspace(fork.workspace_id).in_conversation(fork.pk).order_by("seq")
        announce_created(list(copies), changes[-1])
