"""Taking words out for good: of messages, or of a conversation with the people in it.

Of a message order, times, author, tags and what ties a result to its call are kept. Of a conversation ids,
status, collections and counts are kept, and the figures of its runs. The key by which a repeated import finds
a row is kept too, so that the import does not bring its words back.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from messaging.content import without_arguments
from messaging.exceptions import ConversationNotFound, MessageRedacted
from messaging.models import Conversation, Message, Run
from messaging.values.choices import ChangeKind

from .announcing import announce_updated
from .bulk import BATCH, BulkOutcome, lock_messages
from .drafts import checksum_of
from .feedback import redact_feedback
from .locks import require_lock
from .memories.gone import take_memories_along
from .parts import remove_parts
from .recording import change_of, changes_of_messages, record
from .retries.answers import redact_answers, redact_answers_of
from .rows import locked, write
from .transactions import atomic, reading_for_write

MARK = "[redacted]"
"""What stands in place of the words."""
REDACTED_AT = "redacted_at"
"""Key of the meta data under which the wires tell when; the column of the same name is what counts."""
STRUCTURE = ("tool_call_id", "name", "tool_name")
"""Keys of the meta data that say which call a result answers."""
SAYS = ("content", "structured_content", "tool_calls", "attachments")
WORDS = ("title", "summary")
PEOPLE = ("user_id", "owner_id")
"""Columns of a conversation whose texts are replaced by the mark."""
REPLACED_IN_CONVERSATION = (*WORDS, *PEOPLE, "meta_data", "settings", "redacted_at")
REPLACED = (*SAYS, "meta_data")
FOLLOWING = ("content_dialect", "has_parts", "derived_meta_data", "redacted_at", "updated_at", "checksum")


def redact_messages(*, workspace_id: str, message_ids: Collection[str]) -> BulkOutcome:
    """Take out the words of these messages, with their parts, their files, and the answers kept for retries.

    One transaction. Messages of conversations that runs hold are refused, the others redacted;
    `message_updated` is sent for each.
    """
    with atomic():
        outcome = _redact_batch(workspace_id, message_ids)
        redact_answers(workspace_id, outcome.changed)
    return outcome


@reading_for_write()
def redact_conversation(*, workspace_id: str, conversation_id: str) -> int:
    """Redact a conversation and every message that it holds now, a batch at a time; returns how many.

    Title, summary, meta data and settings go, and so do the end user and the owner, from its messages too,
    and the instructions, tools and meta data of its runs. What is done stays done where a later batch is
    refused; to repeat the call is no error. Raises ConversationNotFound, ConversationLocked.
    """
    conversations = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
    with atomic():
        row = locked(conversations, ConversationNotFound)
        require_lock(workspace_id, row.pk, row.active_run, None)
        take_out_of_conversation(row, max(timezone.now(), row.updated_at))
        record(change_of(ChangeKind.CONVERSATION_REDACTED, workspace_id, conversation_id=row.pk))
    try:
        return sum(_redact_by_seq(row))
    finally:  # once for all batches, and for those that were done before one was refused
        redact_answers_of(workspace_id, row.pk)


def take_out_of_conversation(row: Conversation, now: datetime) -> None:
    """Take out what a locked conversation and its runs say, in the caller's transaction."""
    worded = {name: MARK for name in (*WORDS, *PEOPLE) if getattr(row, name)}
    values = {**worded, "meta_data": {}, "settings": {}, "redacted_at": now, "updated_at": now}
    write(Conversation.objects.for_workspace(row.workspace_id), row, values)
    runs = Run.objects.for_workspace(row.workspace_id).in_conversation(row.pk)
    runs.update(tools=[], meta_data={}, model_settings={}, response_format=None, group=None)
    runs.exclude(instructions=None).update(instructions=MARK)


def _redact_by_seq(conversation: Conversation) -> Iterator[int]:
    """Redact batch by batch, senders included; yields how many there were in each."""
    messages = Message.objects.for_workspace(conversation.workspace_id).in_conversation(conversation.pk)
    numbers = messages.filter(seq__lte=conversation.last_seq).order_by("seq").values_list("pk", "seq")
    seq = 0
    while batch := list(numbers.filter(seq__gt=seq)[:BATCH]):
        with atomic():
            outcome = _redact_batch(conversation.workspace_id, [pk for pk, _ in batch], with_people=True)
        for error in outcome.refused.values():
            raise error
        yield len(outcome.changed)
        seq = batch[-1][1]


def remarks_upon(row: Message, changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes of a redacted message, where they are no more than remarks; the fact stays among them.

    Raises MessageRedacted for one that would put words into it again.
    """
    if any(changes[name] != getattr(row, name) for name in SAYS if name in changes):
        raise MessageRedacted
    if "meta_data" in changes:
        fact = {name: value for name, value in (row.meta_data or {}).items() if name == REDACTED_AT}
        return {**changes, "meta_data": {**(changes["meta_data"] or {}), **fact}}
    return changes


def _redact_batch(
    workspace_id: str, message_ids: Collection[str], *, with_people: bool = False
) -> BulkOutcome:
    """Everything but the kept answers."""
    rows, outcome = lock_messages(workspace_id, message_ids)
    now = timezone.now()
    for row in rows:
        if with_people:
            row.sender_id, row.owner_id = MARK, row.owner_id and MARK
        _take_out(row, now)
    ids = [row.pk for row in rows]
    people = ("sender_id", "owner_id") if with_people else ()
    Message.objects.for_workspace(workspace_id).update_each(rows, (*REPLACED, *FOLLOWING, *people))
    remove_parts(workspace_id, ids)
    redact_feedback(workspace_id, ids, mark=MARK, with_people=with_people)
    take_memories_along(workspace_id, ids)
    record(*changes_of_messages(ChangeKind.MESSAGES_REDACTED, rows))
    announce_updated(rows, REPLACED)
    outcome.changed += ids
    return outcome


def _take_out(row: Message, now: datetime) -> None:
    # Where a message had only calls, a mark next to them would be a text that it never had: the calls would
    # get another position in their message, and with it other ids.
    row.content = MARK if row.content or not row.tool_calls else ""
    row.structured_content, row.attachments = None, None
    row.content_dialect, row.has_parts = None, False
    row.tool_calls = _calls_without_arguments(row.tool_calls)
    row.meta_data = _structure_of(row, now)
    row.derived_meta_data = _results_without_output(row.derived_meta_data)
    row.redacted_at = row.updated_at = now
    row.checksum = checksum_of(row, imported_at=row.sent_at if row.dedup_key else None)


def _calls_without_arguments(calls: object) -> object:
    given = calls if isinstance(calls, list) else [calls]
    return [without_arguments(call) for call in given] if calls else calls


def _results_without_output(shown: dict[str, Any] | None) -> dict[str, Any] | None:
    """Which calls were answered, without what the answers were."""
    if not shown or "tool_results" not in shown:
        return shown
    return {"tool_results": [{**result, "output": MARK} for result in shown["tool_results"]]}


def _structure_of(row: Message, now: datetime) -> dict[str, Any]:
    """The meta data that a result needs, and the fact. A name elsewhere may be that of a person."""
    given = row.meta_data or {}
    moment = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    names = STRUCTURE if row.role == "tool" else ()
    return {name: given[name] for name in names if isinstance(given.get(name), str)} | {REDACTED_AT: moment}
