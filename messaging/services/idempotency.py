"""`Idempotency-Key`: the first answer is stored in the transaction of its write, and replayed."""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from messaging.conf import parley_settings
from messaging.exceptions import AnswerDeleted, ClientIdReused, IdempotencyKeyReused, MessageNotFound
from messaging.models import IdempotencyRecord, Message
from messaging.sql.statements import Statement

from .bulk import BATCH
from .drafts import MessageDraft
from .transactions import as_parameter, atomic, undivided, write_database

# An unfinished twin holds the key: this statement waits for it, and then inserts nothing.
CLAIM = Statement(
    """
INSERT INTO {records} (workspace_id, key, fingerprint, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (workspace_id, key) DO NOTHING RETURNING {columns}
""",
    columns=("id",),
    records=IdempotencyRecord,
)
REMEMBER = Statement(
    "UPDATE {records} SET status_code = %s, body = %s, subject_id = %s WHERE workspace_id = %s AND id = %s",
    columns=(),
    records=IdempotencyRecord,
)
# Ids precede all text in every answer, so the first match is the one that the answer tells of.
SUBJECTS = [re.compile(rb'"(%s_[0-9a-z]{26})"' % prefix) for prefix in (b"conv", b"wsp")]


class Answer(NamedTuple):
    status_code: int
    body: bytes


def fingerprint_of(*parts: bytes) -> str:
    """SHA-256, hexadecimal, of the parts; their lengths keep them apart."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return digest.hexdigest()


def answer_once(
    *, workspace_id: str, key: str, fingerprint: str, perform: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """Perform and remember, or repeat what was answered before: (answer, whether it is a replay).

    Of twins that run at once one performs and the others wait for it. When `perform` raises, nothing
    is remembered. Raises IdempotencyKeyReused when the key belongs to another request, and AnswerDeleted
    where something that the answer told of was deleted since.
    """
    records = IdempotencyRecord.objects.using(write_database()).for_workspace(workspace_id).filter(key=key)
    with undivided():
        claim = [workspace_id, key, fingerprint, as_parameter(timezone.now())]
        if claimed := CLAIM.rows(write_database(), claim):
            answer = perform()
            told = [answer.status_code, answer.body, _subject_of(answer.body)]
            REMEMBER.rows(write_database(), [*told, workspace_id, claimed[0][0]])
            return answer, False
        record = records.first()
    if record is None or record.created_at < _expired_before():
        # Outside of the transaction that writes: a deletion locks a conversation and then its answers.
        records.filter(created_at__lt=_expired_before()).delete_rows()
        return answer_once(workspace_id=workspace_id, key=key, fingerprint=fingerprint, perform=perform)
    if record.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if record.status_code is None or record.body is None:
        raise AnswerDeleted
    return Answer(record.status_code, bytes(record.body)), True


def append_once(
    *,
    workspace_id: str,
    conversation_id: str,
    client_id: str | None,
    draft: MessageDraft,
    append: Callable[[], Message],
) -> Message:
    """Append, or find what was appended under the author's own id of the message before.

    Only the id of the message is remembered: its content may be large, and may be corrected meanwhile.
    Raises ClientIdReused for another message with that id, MessageNotFound where the first was deleted.
    """
    if client_id is None:
        return append()
    fresh: list[Message] = []

    def perform() -> Answer:
        fresh.append(append())
        return Answer(200, fresh[0].pk.encode())

    sent = [draft.role, draft.content, draft.structured_content, draft.meta_data, list(draft.parts)]
    try:
        answer, replayed = answer_once(
            workspace_id=workspace_id,
            key=fingerprint_of(b"thread message", conversation_id.encode(), client_id.encode()),
            fingerprint=fingerprint_of(json.dumps(sent, sort_keys=True).encode()),
            perform=perform,
        )
    except IdempotencyKeyReused:
        raise ClientIdReused from None
    if not replayed:
        return fresh[0]
    messages = Message.objects.for_workspace(workspace_id).in_conversation(conversation_id)
    if stored := messages.filter(pk=answer.body.decode()).first():
        return stored
    raise MessageNotFound


def remove_old_answers(limit: int = BATCH) -> int:
    """Delete answers that are past their time, of any workspace, at most so many; returns how many."""
    old = IdempotencyRecord.objects.filter(created_at__lt=_expired_before()).order_by("created_at")
    # Locked rows are left to the next call, so that two writers never wait for each other.
    some = old.select_for_update(skip_locked=True).values("pk")[:limit]
    with atomic():
        return IdempotencyRecord.objects.filter(pk__in=some).delete_rows()


def _subject_of(body: bytes) -> str | None:
    """The conversation that an answer tells of, else the workspace."""
    matches = filter(None, (subject.search(body) for subject in SUBJECTS))
    return next((match[1].decode() for match in matches), None)


def _expired_before() -> datetime:
    return timezone.now() - timedelta(hours=parley_settings().idempotency_hours)
