"""The answers kept for retries follow a redaction: what is gone must not come back from them."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from messaging.index.lookups import HasBytes
from messaging.models import Conversation, IdempotencyRecord, Message
from messaging.values.json import dumps

from .batches import batches
from .reading import parts_of_messages
from .transactions import atomic

__all__ = ["redact_answers", "redact_answers_of"]

FEW = 10
"""Up to so many ids the database looks for them; beyond, every answer of the conversation is read."""
CHUNK = 100
MESSAGE = re.compile(rb'"(msg_[0-9a-z]{26})"')
COLUMNS = ("content", "tool_calls", "attachments", "meta_data", "checksum")

Values = Mapping[str, Mapping[str, Any]]
"""By id of what an answer shows: the values that its fields have now."""


def redact_answers(*, workspace_id: str, message_ids: Collection[str]) -> None:
    """Let kept answers show these redacted messages as they are now, in the transaction of the redaction."""
    messages = Message.objects.for_workspace(workspace_id).filter(pk__in=message_ids)
    records = _records(workspace_id).filter(conversation_id__in=messages.values("conversation_id"))
    if len(message_ids) <= FEW:
        mentioned = [Q(HasBytes("body", pk.encode())) for pk in message_ids]
        records = records.filter(reduce(or_, mentioned, Q(pk__in=())))
    _rewrite(workspace_id, records, {})


def redact_answers_of(*, workspace_id: str, conversation_id: str, with_title: bool) -> None:
    """The same of all redacted messages of a conversation, and with `with_title` of its title and summary."""
    named = Conversation.objects.for_workspace(workspace_id).filter(pk=conversation_id)
    titles = {row.pk: {"title": row.title, "summary": row.summary} for row in named if with_title}
    records = _records(workspace_id).filter(conversation_id=conversation_id)
    with atomic():
        _rewrite(workspace_id, records, titles)


def _records(workspace_id: str) -> Any:
    """The answers that show messages or conversations."""
    return IdempotencyRecord.objects.for_workspace(workspace_id).exclude(body=None).only("id", "body")


def _rewrite(workspace_id: str, records: Any, titles: Values) -> None:
    """A chunk at a time, for there may be many: a day keeps an answer for each message."""
    for chunk in batches(records.iterator(chunk_size=CHUNK), CHUNK):
        ids = {found.decode() for record in chunk for found in MESSAGE.findall(record.body)}
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


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of an answer that may be a message or a conversation."""
    for item in node if isinstance(node, list) else [node]:
        if isinstance(item, dict):
            yield item
            for below in item.values():
                if isinstance(below, list):
                    yield from (child for child in below if isinstance(child, dict))
