"""Opening, changing and deleting conversations."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from messaging.exceptions import ConversationNotFound, ExternalIdTaken, MessageNotFound
from messaging.models import Conversation, Message
from messaging.values.choices import ChangeKind, ConversationStatus

from .deletion import delete_locked
from .drafts import ConversationState, MessageDraft, Writer, are_history, merge_known, rows_for, store
from .prepared import prepare
from .recording import Told, change_of, record
from .rows import Version, differing, locked, locked_ids, require_editable, require_within_limits, write
from .transactions import atomic, write_database

EDITABLE = frozenset(
    ("collections", "ended_at", "external_id", "is_public", "meta_data", "settings", "status", "summary")
    + ("title", "user_id")
)
Changes = Mapping[str, Any] | Callable[[Conversation], Mapping[str, Any]]
ATTEMPTS = 5
"""So often a conversation that comes and goes while it is looked for is looked for again."""


def create_conversation(
    *,
    workspace_id: str,
    writer: Writer,
    drafts: Sequence[MessageDraft] = (),
    **fields: Any,
) -> tuple[Conversation, list[Message]]:
    """Open a conversation, with its first messages if there are any, all or nothing.

    `fields` are columns of Conversation. Without `user_id` the end user is the first sender, else the
    writer's; without `owner_id` the owner is the end user, else the key's owner, who is `created_by` as well
    where none is named. Raises InvalidValue, ExternalIdTaken, and MessageNotFound for a draft that would take
    the place of a message.
    """
    require_within_limits(fields)
    if any(draft.supersedes for draft in drafts):
        raise MessageNotFound
    sender_id = next((draft.sender_id for draft in drafts if draft.sender_id), None)
    given = {**fields, "user_id": fields.get("user_id") or sender_id}
    conversation, state = opened(workspace_id, writer, given)
    if conversation.status == ConversationStatus.ENDED and "ended_at" not in fields:
        conversation.ended_at = conversation.created_at
    batch = prepare(workspace_id, drafts)
    answer, fresh = merge_known(rows_for(state, batch.drafts, writer), {})
    conversation.last_seq = conversation.message_count = len(fresh)
    conversation.last_created_at = max((row.created_at for row in fresh), default=None)
    with batch.files_written(), atomic():
        with own_id(workspace_id, conversation.external_id):
            conversation.save(force_insert=True, using=write_database())
        imported = are_history(fresh)
        created = _change(ChangeKind.CONVERSATION_CREATED, conversation, imported=imported)
        store(state._replace(last_seq=len(fresh)), fresh, writer, imported=imported, before=[created])
        batch.store(fresh)
    return conversation, answer


def opened(
    workspace_id: str, writer: Writer, fields: Mapping[str, Any]
) -> tuple[Conversation, ConversationState]:
    """A conversation with these columns, not inserted yet, and its state for its first messages."""
    now = timezone.now()
    user_id = fields.get("user_id") or writer.user_id
    people = {
        "user_id": user_id,
        "owner_id": fields.get("owner_id") or user_id or writer.owner_id,
        "created_by": fields.get("created_by") or writer.owner_id,
    }
    times = {"created_at": now, "updated_at": now}
    row = Conversation(workspace_id=workspace_id, **{**times, **fields, **people})
    return row, ConversationState(workspace_id, row.pk, 0, now, now, row.user_id, row.owner_id)


def update_conversation(
    *,
    workspace_id: str,
    conversation_id: str,
    changes: Changes,
    expected_version: Version | None = None,
) -> Conversation:
    """Give these fields of a conversation new values; returns the row as it is now.

    `changes` may be a function, which is called with the locked row and returns them. Values that it holds
    already change nothing. Ending it notes when, becoming active again clears that, unless `ended_at` is
    given too.
    Raises InvalidValue, ConversationNotFound, ExternalIdTaken, and ChangedMeanwhile where the row is no
    longer as `expected_version` says.
    """
    conversations = Conversation.objects.for_workspace(workspace_id)
    with atomic():
        row = locked(conversations.filter(pk=conversation_id), ConversationNotFound, expected_version)
        given = changes(row) if callable(changes) else changes
        require_editable(given, EDITABLE)
        require_within_limits(given)
        now = max(timezone.now(), row.updated_at)
        if values := differing(row, _with_ended_at(row, given, now)):
            with own_id(workspace_id, values.get("external_id")):
                write(conversations, row, values | {"updated_at": now})
            record(_change(ChangeKind.CONVERSATION_UPDATED, row))
    return row


def upsert_conversation(
    *, workspace_id: str, external_id: str, writer: Writer, values: Mapping[str, Any]
) -> tuple[Conversation, bool]:
    """Give the conversation with this id of the caller's own these values, or open it with them.

    Returns the row as it is now, and whether it is new. Of two callers at once one opens it and the other
    changes it. `values` are columns that `update_conversation` takes; null leaves a new one as it is.
    """
    conversations = Conversation.objects.using(write_database()).for_workspace(workspace_id)
    given = {name: value for name, value in values.items() if value is not None}
    for _ in range(ATTEMPTS):
        known = conversations.filter(external_id=external_id).values_list("pk", flat=True).first()
        with suppress(ConversationNotFound if known else ExternalIdTaken):
            if known:
                return update_conversation(
                    workspace_id=workspace_id, conversation_id=known, changes=values
                ), False
            new = create_conversation(
                workspace_id=workspace_id, writer=writer, external_id=external_id, **given
            )
            return new[0], True
    raise ConversationNotFound


@contextmanager
def own_id(workspace_id: str, external_id: str | None) -> Iterator[None]:
    """Raise ExternalIdTaken where what it encloses would give a second conversation this id."""
    if external_id is None:
        yield
        return
    try:
        with atomic():
            yield
    except IntegrityError:
        rows = Conversation.objects.using(write_database()).for_workspace(workspace_id)
        holder = rows.filter(external_id=external_id).values_list("pk", flat=True).first()
        if holder is None:
            raise
        raise ExternalIdTaken(holder) from None


def delete_conversation(*, workspace_id: str, conversation_id: str) -> None:
    """Delete a conversation and all that belongs to it. Raises ConversationNotFound."""
    with atomic():
        # The lock comes first: a waiting writer then raises ConversationNotFound.
        ids = locked_ids(Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id))
        if not ids:
            raise ConversationNotFound
        delete_locked(workspace_id, ids)


def _change(kind: ChangeKind, row: Conversation, *, imported: bool = False) -> Told:
    return change_of(kind, row.workspace_id, conversation_id=row.pk, imported=imported)


def _with_ended_at(row: Conversation, changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    values = dict(changes)
    status = values.get("status", row.status)
    if "ended_at" not in values and status != row.status:
        if status == ConversationStatus.ENDED:
            values["ended_at"] = now
        elif status == ConversationStatus.ACTIVE:
            values["ended_at"] = None
    return values
