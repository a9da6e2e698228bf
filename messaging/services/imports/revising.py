"""An own export brings to a copy what was corrected, tagged or redacted since: the newer row wins.

A redaction wins on either side, whichever is newer: words that were taken out come back by no import.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from messaging.models import Conversation, Message, Part, StoredObject
from messaging.services.announcing import announce_updated
from messaging.services.conversations import own_id
from messaging.services.drafts import MessageDraft
from messaging.services.feedback import redact_feedback
from messaging.services.memories.gone import take_memories_along
from messaging.services.recording import change_of, changes_of_messages, record
from messaging.services.redaction import MARK, REPLACED_IN_CONVERSATION, take_out_of_conversation
from messaging.services.removal import remove_rows
from messaging.services.retries.answers import redact_answers, redact_answers_of
from messaging.services.rows import write
from messaging.sql.derived import DerivedField
from messaging.values.choices import ChangeKind
from messaging.values.ids import derived_id

from .shapes import ImportedConversation

OF_THE_STORE = frozenset({"id", "workspace_id", "conversation_id", "seq", "created_at", "dedup_key"})
REVISED = tuple(
    field.attname
    for field in Message._meta.concrete_fields
    if field.attname not in OF_THE_STORE and not isinstance(field, DerivedField)
)
"""What a message follows: all but its place here and the key by which a repeated import knows it."""


class Stored(NamedTuple):
    """What an import asks of a message that is there."""

    conversation_id: str
    seq: int
    created_at: datetime
    updated_at: datetime
    redacted_at: datetime | None
    dedup_key: str | None
    superseded_by: str | None


def is_outdated(stored: Stored, columns: Mapping[str, Any]) -> bool:
    """Whether a stored message follows one of an export, given the columns that it was exported with."""
    updated_at = columns.get("updated_at")
    if updated_at is None:
        return False
    was_redacted = columns.get("redacted_at") is not None
    if was_redacted != (stored.redacted_at is not None):
        return was_redacted
    return bool(stored.updated_at < updated_at)


def take_out_replaced(workspace_id: str, drafts: Mapping[str, MessageDraft]) -> dict[str, set[str]]:
    """Delete the parts of these messages, and the objects that their new versions, by id, do not name.

    Returns the ids of the objects that stay, by message.
    """
    remove_rows(Part.objects.for_workspace(workspace_id).filter(message__in=list(drafts)))
    objects = StoredObject.objects.for_workspace(workspace_id)
    kept: dict[str, set[str]] = {message_id: set() for message_id in drafts}
    gone: list[str] = []
    for message_id, object_id in objects.filter(message__in=list(drafts)).values_list("message_id", "pk"):
        if object_id in _named(message_id, drafts[message_id]):
            kept[message_id].add(object_id)
        else:
            gone.append(object_id)
    if gone:
        remove_rows(objects.with_ids(gone))
    return kept


def save_revised(workspace_id: str, rows: Sequence[Message], stored: Mapping[str, Stored]) -> None:
    """Store new versions of these messages, which keep their places here, and announce them.

    What was redacted is taken out of the kept answers, too.
    """
    for row in rows:
        before = stored[row.pk]
        row.seq, row.created_at, row.dedup_key = before.seq, before.created_at, before.dedup_key
    Message.objects.for_workspace(workspace_id).update_each(rows, REVISED)
    announce_updated(rows, REVISED)
    redacted = [row.pk for row in rows if row.redacted_at and not stored[row.pk].redacted_at]
    followed = [row for row in rows if row.pk not in redacted]
    gone = [row for row in rows if row.pk in redacted]
    record(
        *changes_of_messages(ChangeKind.MESSAGES_UPDATED, followed, imported=True),
        *changes_of_messages(ChangeKind.MESSAGES_REDACTED, gone, imported=True),
    )
    if redacted:
        redact_answers(workspace_id, redacted)
        redact_feedback(workspace_id, redacted, mark=MARK)
        take_memories_along(workspace_id, redacted)


def revise_conversation(workspace_id: str, conversation_id: str, given: ImportedConversation) -> bool:
    """Let a locked conversation follow an export that shows it at a known time; whether it changed."""
    if given.revision is None or given.updated_at is None:
        return False
    rows = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
    row = rows.get()
    is_newer = row.updated_at < given.updated_at
    updated_at = max(row.updated_at, given.updated_at)
    exported = given.revision.get("redacted_at")
    is_redaction = exported is not None and row.redacted_at is None
    follows_words = is_newer if row.redacted_at is None else is_newer and exported is not None
    if is_redaction:
        take_out_of_conversation(row, updated_at)
    values = {
        name: value
        for name, value in given.revision.items()
        if value != getattr(row, name)
        and (is_redaction or (follows_words if name in REPLACED_IN_CONVERSATION else is_newer))
    }
    if not values:
        return is_redaction
    with own_id(workspace_id, values.get("external_id")):
        write(rows, row, {**values, "updated_at": updated_at})
    kind = ChangeKind.CONVERSATION_REDACTED if is_redaction else ChangeKind.CONVERSATION_UPDATED
    record(change_of(kind, workspace_id, conversation_id=conversation_id, imported=True))
    if is_redaction:
        redact_answers_of(workspace_id, conversation_id)
    return True


def _named(message_id: str, draft: MessageDraft) -> set[str]:
    """The objects that a message names, by the ids that they have or may have been given here."""
    values = [draft.parts, draft.structured_content, draft.attachments, draft.tool_calls]
    names = set(_object_ids(values))
    return names | {derived_id("obj", message_id, name) for name in names}


def _object_ids(value: object) -> Iterator[str]:
    match value:
        case {"object_id": str(name)}:
            yield name
        case dict():
            for item in value.values():
                yield from _object_ids(item)
        case list() | tuple():
            for item in value:
                yield from _object_ids(item)
