"""The answers kept for retries follow redactions and deletions: what is gone must not come back from them."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from messaging.index.querysets import TenantQuerySet
from messaging.models import Conversation, Feedback, IdempotencyRecord, Message, Run
from messaging.services.bulk import batches
from messaging.services.reading import parts_of_messages
from messaging.services.transactions import atomic
from messaging.sql.conditions import HasBytes
from messaging.values.json import dumps

FEW = 10
"""Up to so many ids the database looks for them; beyond, every answer of the conversation is read."""
CHUNK = 100
OF_MESSAGE = re.compile(rb'"[a-z]+_([0-9a-z]{26})(?:_\d+)?"')
"""An id of a message, or one that is derived of it for an item that the message is shown as."""
COLUMNS = ("content", "tool_calls", "attachments", "meta_data", "checksum", "sender_id", "owner_id")
OF_CONVERSATIONS = ("title", "summary", "meta_data", "settings", "user_id", "owner_id")
OF_FEEDBACK = ("comment", "user_id")
OF_RUNS = ("instructions", "tools", "meta_data", "response_format", "group")
Records = TenantQuerySet[IdempotencyRecord]
FORGOTTEN: Mapping[str, None] = {"status_code": None, "body": None}

Values = Mapping[str, Mapping[str, Any]]
"""By id of what an answer shows: the values that its fields have now."""


def redact_answers(workspace_id: str, message_ids: Collection[str]) -> None:
    """Let kept answers show these redacted messages as they are now, in the transaction of the redaction.

    Those that do not show them by their columns are forgotten.
    """
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    item_ids = filter(None, messages.exclude(item_id=None).values_list("item_id", flat=True))
    told = _telling(workspace_id, messages.values("conversation_id"), _marks(message_ids, item_ids))
    _rewrite(workspace_id, told, {})


def redact_answers_of(workspace_id: str, conversation_id: str) -> None:
    """The same of a redacted conversation, its runs and all its redacted messages."""
    named = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
    runs = Run.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    values = {row["id"]: row for row in named.values("id", *OF_CONVERSATIONS)}
    values |= {row["id"]: row for row in runs.values("id", *OF_RUNS)}
    records = _records(workspace_id).filter(subject_id=conversation_id)
    with atomic():
        _rewrite(workspace_id, records, values)


def forget_answers(workspace_id: str, conversation_ids: Collection[str], messages: Sequence[Message]) -> None:
    """Forget the answers that show these messages of these conversations, in the transaction of the deletion.

    Their keys stay known: a late retry must neither bring the messages back nor show them.
    """
    marks = _marks([row.pk for row in messages], [row.item_id for row in messages if row.item_id])
    records = _telling(workspace_id, conversation_ids, marks)
    if len(marks) <= FEW:
        records.update(**FORGOTTEN)
        return
    for chunk in batches(records.iterator(chunk_size=CHUNK), CHUNK):
        ids = [record.pk for record in chunk if _shows(bytes(record.body or b""), marks)]
        IdempotencyRecord.objects.for_workspace(workspace_id).filter(pk__in=ids).update(**FORGOTTEN)


def forget_answers_with_feedback(workspace_id: str, conversation_id: str, feedback_id: str) -> None:
    """The same of those that show this feedback on a message of the conversation."""
    _telling(workspace_id, [conversation_id], [feedback_id.encode()]).update(**FORGOTTEN)


def forget_answers_of(workspace_id: str, subject_ids: Collection[str]) -> None:
    """The same of all that the answers tell of these conversations or workspaces."""
    _records(workspace_id).filter(subject_id__in=subject_ids).update(**FORGOTTEN)


def _marks(message_ids: Iterable[str], item_ids: Iterable[str]) -> set[bytes]:
    """What an answer holds that shows one of these messages, by its id or by that of its item."""
    own = {message_id.rpartition("_")[2].encode() for message_id in message_ids}
    return own | {b'"id":' + dumps(item_id) for item_id in item_ids}


def _shows(body: bytes, marks: Set[bytes]) -> bool:
    """Whether an answer holds one of these marks. Most are told by one look for all ids."""
    if not marks.isdisjoint(OF_MESSAGE.findall(body)):
        return True
    return any(mark in body for mark in marks if mark.startswith(b'"'))


def _telling(workspace_id: str, conversation_ids: Iterable[object], marks: Collection[bytes]) -> Records:
    """The answers that tell of these conversations, and where the messages are few, of these alone."""
    records = _records(workspace_id).filter(subject_id__in=conversation_ids)
    if len(marks) > FEW:
        return records
    mentioned = [Q(HasBytes("body", mark)) for mark in marks]
    return records.filter(reduce(or_, mentioned, Q(pk__in=())))


def _records(workspace_id: str) -> Records:
    """The answers that show messages or conversations."""
    return (
        IdempotencyRecord.objects.for_workspace(workspace_id)
        .exclude(body=None)
        .only("id", "status_code", "body", "shows_columns")
    )


def _rewrite(workspace_id: str, records: Records, also: Values) -> None:
    """A chunk at a time, for there may be many: a day keeps an answer for each message."""
    for chunk in batches(records.iterator(chunk_size=CHUNK), CHUNK):
        ids = {
            f"msg_{match.decode()}" for record in chunk for match in OF_MESSAGE.findall(record.body or b"")
        }
        values = {**also, **_redacted(workspace_id, ids)}
        changed = [record for record in chunk if _follow(record, values)]
        IdempotencyRecord.objects.for_workspace(workspace_id).update_each(changed, tuple(FORGOTTEN))


def _redacted(workspace_id: str, message_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What those of these messages that were redacted show now, and the feedback on them."""
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    rows = list(messages.exclude(redacted_at=None))
    parts = parts_of_messages(rows, workspace_id=workspace_id, link=str)
    feedback = Feedback.objects.for_workspace(workspace_id).of_messages([row.pk for row in rows])
    return {
        row.pk: {name: getattr(row, name) for name in COLUMNS} | {"parts": parts.get(row.pk, [])}
        for row in rows
    } | {
        one.pk: {name: getattr(one, name) or None for name in OF_FEEDBACK} | {"value": one.value}
        for one in feedback
    }


def _follow(record: IdempotencyRecord, values: Values) -> bool:
    """Give an answer the present values; whether it shows any of what they belong to."""
    if not record.shows_columns:
        record.status_code = record.body = None
        return True
    answer = json.loads(bytes(record.body or b""))
    shown = [
        (node, now)
        for node in _objects(answer)
        if (now := values.get(str(node.get("id") or node.get("run_id"))))
    ]
    for node, now in shown:
        node.update({name: value for name, value in now.items() if name in node})
    record.body = dumps(answer)
    return bool(shown)


def _objects(node: object) -> Iterator[dict[str, Any]]:
    """Every object of an answer that may be a message or a conversation."""
    for item in node if isinstance(node, list) else [node]:
        if isinstance(item, dict):
            yield item
            for value in item.values():
                if isinstance(value, list):
                    yield from (child for child in value if isinstance(child, dict))
