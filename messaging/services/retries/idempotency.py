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
from messaging.services.bulk import BATCH
from messaging.services.drafts import MessageDraft
from messaging.services.transactions import as_parameter, atomic, undivided, write_database
from messaging.sql.statements import Statement

from .echoes import references_to, with_echoes, without_echoes

# An unfinished twin holds the key: this statement waits for it, and then inserts nothing. It locks the row of
# the twin, so that the commit waits for a synchronous standby: no answer is repeated that may still be lost.
CLAIM = Statement(
    """
INSERT INTO {records} (workspace_id, caller, key, fingerprint, created_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, caller, key) DO UPDATE SET key = excluded.key WHERE false RETURNING {columns}
""",
    columns=("id",),
    records=IdempotencyRecord,
)
REMEMBER = Statement(
    "UPDATE {records} SET status_code = %s, body = %s, subject_id = %s, shows_columns = %s"
    " WHERE workspace_id = %s AND id = %s",
    columns=(),
    records=IdempotencyRecord,
)
# Ids precede all text in every answer, so the first match is the one that the answer tells of.
SUBJECTS = [
    re.compile(rb'^\{"message":"[^"]*","memory_id":"(mem_[0-9a-z]{26})"'),
    *(re.compile(rb'"(%s_[0-9a-z]{26})"' % prefix) for prefix in (b"conv", b"wsp")),
]

THREAD = ""
"""The caller of the ids that clients give to messages: each thread knows them, whoever sends them."""


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
    *,
    workspace_id: str,
    caller: str,
    key: str,
    fingerprint: str,
    perform: Callable[[], Answer],
    request: bytes = b"",
    subject_id: str | None = None,
    shows_columns: bool = False,
) -> tuple[Answer, bool]:
    """Perform and remember, or repeat what was answered before: (answer, whether it is a replay).

    The key is that of `caller`, a stable name of whoever asks, among its requests in this workspace. Texts of
    `request` are not kept with the answer; the fingerprint must cover it, so that a retry brings it along.
    `subject_id` is the conversation that the answer tells of, where it does not name one. With
    `shows_columns` the answer follows redactions; any other is forgotten then.
    Of twins that run at once one performs and the others wait for it. When `perform` raises, nothing
    is remembered. Raises IdempotencyKeyReused when the key belongs to another request, and AnswerDeleted
    where something that the answer told of was deleted since.
    """
    references = references_to(request)  # before the transaction, which holds locks
    while True:
        with undivided():
            claim = [workspace_id, caller, key, fingerprint, as_parameter(timezone.now())]
            if claimed := CLAIM.rows(write_database(), claim):
                answer = perform()
                body = without_echoes(answer.body, references)
                told = [answer.status_code, body, _subject_of(answer.body) or subject_id, shows_columns]
                REMEMBER.rows(write_database(), [*told, workspace_id, claimed[0][0]])
                return answer, False
            records = IdempotencyRecord.objects.using(write_database()).for_workspace(workspace_id)
            records = records.filter(caller=caller, key=key)
            record = records.first()
        if record is not None and record.created_at >= _expired_before():
            return _repeated(record, fingerprint, request), True
        # Outside of the transaction that writes: a deletion locks a conversation and then its answers.
        records.filter(created_at__lt=_expired_before()).delete_rows()


def _repeated(record: IdempotencyRecord, fingerprint: str, request: bytes) -> Answer:
    """The answer that is kept, to this request."""
    if record.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if record.status_code is None or record.body is None:
        raise AnswerDeleted
    return Answer(record.status_code, with_echoes(bytes(record.body), request))


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
            caller=THREAD,
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
    """The memory or the conversation that an answer tells of, else the workspace."""
    matches = filter(None, (subject.search(body) for subject in SUBJECTS))
    return next((match[1].decode() for match in matches), None)


def _expired_before() -> datetime:
    return timezone.now() - timedelta(hours=parley_settings().idempotency_hours)
