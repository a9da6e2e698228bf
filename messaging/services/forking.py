"""A copy of a conversation up to one of its messages, which goes on by itself.

The rows are copied within the database, a statement for each table: of a message only what its identity
changes comes from here. Files are shared with the original, see `messaging.services.files`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from django.db import connections, models
from django.db.models import Case, F, When
from django.utils import timezone

from messaging.content import TokenCount
from messaging.exceptions import ConversationNotFound, InvalidValue, MessageNotFound
from messaging.index.terms import rescoped
from messaging.models import Conversation, Message, MessageQuerySet, Part, StoredObject
from messaging.signals import messages_created
from messaging.sql.columns import field_of, table_of
from messaging.sql.conditions import OneOf, Sql
from messaging.sql.insertions import select_given
from messaging.values.choices import ChangeKind
from messaging.values.ids import new_id
from messaging.values.json import dumps
from messaging.values.tokens import ESTIMATE

from .announcing import announce_created
from .drafts import IDENTITY, Writer, checksum_of_values
from .imports.contents import readdressed
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
AT_ONCE = 100
"""Messages whose texts are read at once."""
Copied = tuple[str, datetime, str | None, str]
"""Of a message to copy the id, the time, the id of its parent, and the checksum of the copy."""
READ = ("pk", "created_at", "parent_message_id", "imported_at", *IDENTITY[1:])
"""What is read of a message to copy."""
IMPORTED_AT = Case(When(dedup_key__isnull=False, then=F("sent_at")))
"""What a checksum says of the time of a message: nothing, where it is live."""
OWN = ("id", "seq", "parent_message_id", "checksum")
"""Columns of a message in which no copy is as another one."""
DEDUP_KEY = "CASE original.dedup_key WHEN original.checksum THEN given.checksum ELSE original.dedup_key END"
"""The key of a copy, which is its checksum where that of the original is."""
NAMING = ("structured_content", "attachments", "tool_calls")
"""Columns of a message that may name its stored objects."""
ORIGINAL = "original_id"
Sources = Mapping[str, Sql]
"""By its name, how a column of a copy follows from `original` and `given`."""


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
        fork_id = new_id("conv")
        rows = _up_to(original, until, fork_id)
        # Of equal times the greatest number is listed last.
        last_id, last_created_at, *_ = max(reversed(rows), key=itemgetter(1), default=(None, None))
        fork = _opened(original, fork_id, last_id, title, writer)
        fork.last_seq = fork.message_count = len(rows)
        fork.last_created_at = last_created_at
        require_within_limits({"meta_data": fork.meta_data})
        fork.save(force_insert=True, using=write_database())
        ids = _copy_messages(original.pk, fork, rows)
        _copy_parts(workspace_id, ids)
        _copy_objects(workspace_id, ids)
        _record(fork, list(ids.values()), writer)
    return fork


def _opened(
    original: Conversation, fork_id: str, until: str | None, title: str | None, writer: Writer
) -> Conversation:
    """The row of the fork, without its counters."""
    now = timezone.now()
    kept = {name: getattr(original, name) for name in KEPT}
    source = {"conversation_id": original.pk, "message_id": until}
    return Conversation(
        id=fork_id,
        workspace_id=original.workspace_id,
        title=original.title if title is None else title,
        meta_data={**original.meta_data, FORKED_FROM: source},
        created_by=writer.owner_id,
        created_at=now,
        updated_at=now,
        **kept,
    )


def _up_to(original: Conversation, until: str | None, fork_id: str) -> list[Copied]:
    """The messages to copy, in the order of their numbers. Texts are read a few at a time, and not kept.
    Raises MessageNotFound, InvalidValue."""
    messages = Message.objects.for_workspace(original.workspace_id).in_conversation(original.pk)
    on_branch = messages.current() if until is None else _branch_up_to(messages, until)
    read = on_branch.annotate(imported_at=IMPORTED_AT).order_by("seq").values_list(*READ)
    first = read[: MOST_MESSAGES + 1].iterator(chunk_size=AT_ONCE)
    rows = [_copied(fork_id, *row) for row in first]
    if len(rows) > MOST_MESSAGES:
        raise InvalidValue(("body", "until"), f"A fork has at most {MOST_MESSAGES} messages", "too_long")
    return rows


def _copied(
    fork_id: str,
    pk: str,
    created_at: datetime,
    parent: str | None,
    imported_at: datetime | None,
    *identity: object,
) -> Copied:
    return pk, created_at, parent, checksum_of_values((fork_id, *identity), imported_at=imported_at)


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


def _copy_messages(original: str, fork: Conversation, rows: Sequence[Copied]) -> dict[str, str]:
    """Insert the copies of these rows of a conversation; returns their ids by those of the originals."""
    ids = {pk: new_id("msg") for pk, *_ in rows}
    own = [
        [ids[pk], seq, ids.get(parent or "", parent), checksum]
        for seq, (pk, _, parent, checksum) in enumerate(rows, 1)
    ]
    same: Sources = {
        "conversation_id": ("%s", (fork.pk,)),
        "dedup_key": (DEDUP_KEY, ()),
        "index_terms": rescoped("original.index_terms", original, fork.pk, write_database()),
        "run_id": ("NULL", ()),
        "enable_memories": ("FALSE", ()),
        "superseded_by": ("NULL", ()),
    }
    _copy(Message, fork.workspace_id, ids, OWN, own, same)
    return ids


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
    same: Sources = MappingProxyType({}),
) -> None:
    """Insert copies of the rows with these ids: `names` are the columns with values of their own in each,
    `same` those that follow alike in all."""
    if not own:
        return
    using = write_database()
    values = [[original, *row] for original, row in zip(originals, own, strict=True)]
    sources = {name: (f"given.{name}", ()) for name in names} | dict(same)
    statement, params = _copying(model, names, sources, using)
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [dumps(values).decode(), *params, workspace_id])


def _copying(model: type[models.Model], names: Sequence[str], sources: Sources, using: str) -> Sql:
    """The statement, and the parameters of the sources. It looks each original up by its id, whatever a
    planner without statistics expects."""
    table, which = table_of(model, using), f"id = given.{ORIGINAL} AND workspace_id = %s"
    quote = connections[using].ops.quote_name
    every = [str(field.column) for field in model._meta.local_concrete_fields]
    values = [sources.get(name, (f"original.{quote(name)}", ())) for name in every]
    original = f"{table} AS original ON original.{which}"
    if connections[using].vendor == "postgresql":
        original = f"LATERAL (SELECT * FROM {table} WHERE {which} OFFSET 0) AS original"  # noqa: S608
    return (
        f"WITH given ({ORIGINAL}, {', '.join(names)}) AS ({_given(model, names, using)})"  # noqa: S608
        f" INSERT INTO {table} ({', '.join(map(quote, every))})"
        f" SELECT {', '.join(text for text, _ in values)} FROM given CROSS JOIN {original}"
    ), [param for _, params in values for param in params]


def _given(model: type[models.Model], names: Sequence[str], using: str) -> str:
    """Rows of an id and of values of these columns, in one parameter: a JSON array of an array for each."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return select_given(len(names) + 1)
    types = ["text", *(str(field_of(model, name).db_type(connection)) for name in names)]
    values = ", ".join(f"(value ->> {at})::{kind}" for at, kind in enumerate(types))
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
