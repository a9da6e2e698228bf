"""The answers kept for retries follow redactions and deletions: what is gone must not come back from them."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from messaging.index.querysets import TenantQuerySet
from messaging.models import Conversation, IdempotencyRecord, Message
from messaging.sql.conditions import HasBytes
from messaging.values.json import dumps

from .bulk import batches
from .reading import parts_of_messages
from .transactions import atomic

FEW = 10
"""Up to so many ids the database looks for them; beyond, every answer of the conversation is read."""
CHUNK = 100
MESSAGE = re.compile(rb'"(msg_[0-9a-z]{26})"')
COLUMNS = ("content", "tool_calls", "attachments", "meta_data", "checksum")
Records = TenantQuerySet[IdempotencyRecord]
FORGOTTEN: Mapping[str, None] = {"status_code": None, "body": None}

Values = Mapping[str, Mapping[str, Any]]
"""By id of what an answer shows: the values that its fields have now."""


def redact_answers(workspace_id: str, message_ids: Collection[str]) -> None:
    """Let kept answers show these redacted messages as they are now, in the transaction of the redaction."""
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    _rewrite(workspace_id, _telling(workspace_id, messages.values("conversation_id"), message_ids), {})


def redact_answers_of(workspace_id: str, conversation_id: str, *, with_title: bool) -> None:
    """The same of all redacted messages of a conversation, and with `with_title` of its title and summary."""
    named = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
    titles = {row.pk: {"title": row.title, "summary": row.summary} for row in named if with_title}
    records = _records(workspace_id).filter(subject_id=conversation_id)
    with atomic():
        _rewrite(workspace_id, records, titles)


def forget_answers(
    workspace_id: str, conversation_ids: Collection[str], message_ids: Collection[str]
) -> None:
    """Forget the answers that show these messages of these conversations, in the transaction of the deletion.

    Their keys stay known: a late retry must neither bring the messages back nor show them.
    """
    records = _telling(workspace_id, conversation_ids, message_ids)
    if len(message_ids) <= FEW:
        records.update(**FORGOTTEN)
        return
    gone = {pk.encode() for pk in message_ids}
    for chunk in batches(records.iterator(chunk_size=CHUNK), CHUNK):
        ids = [record.pk for record in chunk if not gone.isdisjoint(MESSAGE.findall(record.body or b""))]
        IdempotencyRecord.objects.for_workspace(workspace_id).filter(pk__in=ids).update(**FORGOTTEN)


def forget_answers_of(workspace_id: str, subject_ids: Collection[str]) -> None:
    """The same of all that the answers tell of these conversations or workspaces."""
    _records(workspace_id).filter(subject_id__in=subject_ids).update(**FORGOTTEN)


def _telling(workspace_id: str, conversation_ids: Iterable[object], message_ids: Collection[str]) -> Records:
    """The answers that tell of these conversations, and where the messages are few, of these alone."""
    records = _records(workspace_id).filter(subject_id__in=conversation_ids)
    if len(message_ids) > FEW:
        return records
    mentioned = [Q(HasBytes("body", pk.encode())) for pk in message_ids]
    return records.filter(reduce(or_, mentioned, Q(pk__in=())))


def _records(workspace_id: str) -> Records:
    """The answers that show messages or conversations."""
    return IdempotencyRecord.objects.for_workspace(workspace_id).exclude(body=None).only("id", "body")


def _rewrite(workspace_id: str, records: Records, titles: Values) -> None:
    """A chunk at a time, for there may be many: a day keeps an answer for each message."""
    for chunk in batches(records.iterator(chunk_size=CHUNK), CHUNK):
        ids = {match.decode() for record in chunk for match in MESSAGE.findall(record.body or b"")}
        values = {**titles, **_redacted(workspace_id, ids)}
        changed = [record for record in chunk if _follow(record, values)]
        IdempotencyRecord.objects.for_workspace(workspace_id).update_each(changed, ("body",))


def _redacted(workspace_id: str, message_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What those of these messages that were redacted show now."""
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    rows = list(messages.exclude(redacted_at=None))
    parts = parts_of_messages(rows, workspace_id=workspace_id, link=str)
    return {
        row.pk: {name: getattr(row, name) for name in COLUMNS} | {"parts": parts.get(row.pk, [])}
        for row in rows
    }


def _follow(record: IdempotencyRecord, values: Values) -> bool:
    """Give an answer the present values; whether it shows any of what they belong to."""
    answer = json.loads(bytes(record.body or b""))
    shown = [node for node in _objects(answer) if node.get("id") in values]
    for node in shown:
        node.update({name: value for name, value in values[node["id"]].items() if name in node})
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
