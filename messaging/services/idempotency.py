"""`Idempotency-Key`: the first answer is stored in the transaction of its write, and replayed."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from messaging.conf import parley_settings
from messaging.exceptions import AnswerDeleted, IdempotencyKeyReused
from messaging.models import IdempotencyRecord
from messaging.sql.statements import Statement

from .batches import BATCH
from .transactions import as_parameter, undivided, write_database

# An unfinished twin holds the row: this statement waits for it, then finds it taken. A record past
# its time is taken over in the same breath.
CLAIM = Statement(
    """
INSERT INTO {records} (workspace_id, key, fingerprint, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (workspace_id, key) DO UPDATE SET
  fingerprint = excluded.fingerprint, created_at = excluded.created_at, status_code = NULL, body = NULL
  WHERE {records}.created_at < %s
RETURNING {columns}
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
    with undivided():
        if claimed := _claim(workspace_id, key, fingerprint):
            answer = perform()
            told = [answer.status_code, answer.body, _subject_of(answer.body)]
            REMEMBER.rows(write_database(), [*told, workspace_id, claimed])
            return answer, False
        record = IdempotencyRecord.objects.using(write_database()).for_workspace(workspace_id).get(key=key)
    if record.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if record.status_code is None or record.body is None:
        raise AnswerDeleted
    return Answer(record.status_code, bytes(record.body)), True


def remove_old_answers(limit: int = BATCH) -> int:
    """Delete answers that are past their time, of any workspace, at most so many; returns how many."""
    old = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - _lifetime())
    # The condition again: a request may take a record over while this waits for it.
    return old.filter(pk__in=old.order_by("created_at").values("pk")[:limit]).delete_rows()


def _subject_of(body: bytes) -> str | None:
    """The conversation that an answer tells of, else the workspace."""
    matches = filter(None, (subject.search(body) for subject in SUBJECTS))
    return next((match[1].decode() for match in matches), None)


def _lifetime() -> timedelta:
    return timedelta(hours=parley_settings().idempotency_hours)


def _claim(workspace_id: str, key: str, fingerprint: str) -> int | None:
    """Id of the record now ours to fill; None where another request holds the key."""
    now = timezone.now()
    moment, expired = as_parameter(now), as_parameter(now - _lifetime())
    rows = CLAIM.rows(write_database(), [workspace_id, key, fingerprint, moment, expired])
    return rows[0][0] if rows else None
